//! The door: hands over to the library and passes on its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    goldsmith::main()
}
