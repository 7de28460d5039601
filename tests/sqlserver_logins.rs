//! Who logs in to a SQL Server, as `goldsmith.yml` says it. No server is needed: what is wrong is told before one is
//! asked, or by who gives out tokens.

mod common;

use common::Platform;
use common::http::Server;

const SECRET: &str = "hunter22hunter22";

fn platform(login: &str) -> Platform {
    let platform = Platform::shop(&[("silver/m.sql", "select 1 as n")]);
    platform.write(
        "goldsmith.yml",
        format!(
            "name: small\ntargets:\n  dev:\n    type: sqlserver\n    host: \"{{{{ env_var('HOST', '127.0.0.1') }}}}\"\n    port: 1\n{login}"
        ),
    );
    platform
}

#[test]
fn a_login_that_can_not_be_is_told_at_its_line() {
    for (login, line, told, help) in [
        ("", 5, "the target `dev` has no `user`", "add `user:"),
        (
            "    user: sa\n    token: abc\n",
            8,
            "`user` and `token` are two ways to log in",
            "name one of them",
        ),
        (
            "    client_id: a\n    windows_login: true\n",
            8,
            "`client_id` and `windows_login` are two ways to log in",
            "name one of them",
        ),
        (
            "    token: \"{{ env_var('NOT_SET', '') }}\"\n",
            7,
            "`token` is empty",
            "put it where `token` looks",
        ),
        ("    client_id: a\n", 7, "`client_id` needs `tenant_id`", "tenant_id, client_id and client_secret"),
        (
            "    client_id: a\n    tenant_id: t\n    client_secret: \"\"\n",
            9,
            "`client_id` needs `client_secret`",
            "tenant_id, client_id and client_secret",
        ),
        (
            "    client_id: a\n    tenant_id: ../common\n    client_secret: s\n",
            8,
            "`tenant_id` can't be used",
            "contoso.onmicrosoft.com",
        ),
        (
            "    client_id: a\n    tenant_id: t\n    client_secret: s\n    authority: http://example.com\n",
            10,
            "`authority` can't be used",
            "it must begin with https://",
        ),
        (
            "    authentication: ServicePrincipal\n    user: sa\n",
            7,
            "`authentication` is not supported",
            "leave it out",
        ),
        ("    windows_login: maybe\n", 7, "`windows_login`", "true or false"),
    ] {
        let outcome = platform(login).run(&["run"]);
        assert_eq!(outcome.code, 2, "{}", outcome.stderr);
        for part in [told, help, &format!("goldsmith.yml:{line}:")] {
            assert!(outcome.stderr.contains(part), "no `{part}` in:\n{}", outcome.stderr);
        }
    }
}

#[cfg(not(any(windows, feature = "kerberos")))]
#[test]
fn a_build_without_windows_logins_says_so() {
    let outcome = platform("    windows_login: true\n").run(&["run"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("this build of goldsmith can't log in as whoever runs it"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("--features kerberos"), "{}", outcome.stderr);
}

#[test]
fn an_application_that_is_refused_is_told_without_its_secret() {
    let said = r#"{"error_description":"AADSTS7000215: Invalid client secret provided."}"#;
    let answer = format!("HTTP/1.1 401 Unauthorized\r\nContent-Length: {}\r\n\r\n{said}", said.len());
    let authority = Server::new(&[&answer]);
    let platform = platform(&format!(
        "    client_id: 4a1b\n    tenant_id: t\n    client_secret: \"{{{{ env_var('GOLDSMITH_SECRET_APP') }}}}\"\n    authority: http://127.0.0.1:{}\n",
        authority.port
    ));
    let output =
        platform.command(&["run"]).env("GOLDSMITH_SECRET_APP", SECRET).output().expect("the binary starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("no token could be had from 127.0.0.1 for the application `4a1b`: AADSTS7000215"),
        "{told}"
    );
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(!told.contains(SECRET) && !String::from_utf8_lossy(&output.stdout).contains(SECRET), "{told}");
    assert!(authority.posts()[0].body.contains(SECRET), "it was there to be told");
}
