//! The door: hands over to the library and passes on its exit code.

fn main() {}
