//! What differs from one operating system to another, in one place: names of the machine and of
//! the user.

/// The machine's name, as far as it is known without asking the network; empty otherwise.
#[must_use]
pub fn host_name() -> String {
    if cfg!(windows) {
        return variable("COMPUTERNAME");
    }
    let file = fs_err::read_to_string("/etc/hostname").map(|text| text.trim().to_owned());
    file.ok().filter(|name| !name.is_empty()).unwrap_or_else(|| variable("HOSTNAME"))
}

/// The user's name; empty where it is not known.
#[must_use]
pub fn user_name() -> String {
    variable(if cfg!(windows) { "USERNAME" } else { "USER" })
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}
