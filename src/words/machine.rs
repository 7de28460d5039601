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

/// The user's name: on Unix that of the process's user, whatever the environment says; empty where it is
/// not known.
#[must_use]
pub fn user_name() -> String {
    if cfg!(windows) {
        return variable("USERNAME");
    }
    let named = || {
        let status = fs_err::read_to_string("/proc/self/status").ok()?;
        let id = status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?;
        let users = fs_err::read_to_string("/etc/passwd").ok()?;
        let user = users.lines().find(|line| line.split(':').nth(2) == Some(id))?;
        user.split(':').next().map(str::to_owned)
    };
    named().filter(|name| !name.is_empty()).unwrap_or_else(|| {
        let user = variable("USER");
        if user.is_empty() { variable("LOGNAME") } else { user }
    })
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}
