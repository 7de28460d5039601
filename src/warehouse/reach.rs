//! Looks whether a server can be reached at all.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::Finding;

/// How long a port may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks up a host's name, and whether somebody answers at its port, where one is named. The finding is good, or ends
/// what can be seen; `help` is for a port where nobody answers.
pub(super) fn reach(host: &str, port: Option<u16>, help: &str, found: &mut Vec<Finding>) -> bool {
    let addresses: Vec<_> = match (host, port.unwrap_or_default()).to_socket_addrs() {
        Ok(addresses) => addresses.collect(),
        Err(error) => {
            let said = format!("{host} has no address: {error}");
            let help = "check `host` of the target, and the machine's name service";
            found.push(Finding::bad("name", said, help));
            return false;
        }
    };
    let shown: Vec<String> = addresses.iter().map(|a| a.ip().to_string()).collect();
    found.push(Finding::good("name", format!("{host} is {}", shown.join(", "))));
    let Some(port) = port else { return true };
    let mut refused = String::new();
    for address in &addresses {
        match TcpStream::connect_timeout(address, PATIENCE) {
            Ok(_) => {
                found.push(Finding::good("port", format!("{port} answers")));
                return true;
            }
            Err(error) => refused = error.to_string(),
        }
    }
    found.push(Finding::bad("port", format!("{port}: {refused}"), help));
    false
}
