//! Tests the server against its own OpenAPI document with schemathesis: no response deviates from the
//! document, and the server never fails.

use crate::run::{Result, feed, root, run as call, run_with};
use crate::server::Server;
use std::path::Path;
use std::process::Command;

/// The tool that sends the requests (from PyPI).
const SCHEMATHESIS: &str = "schemathesis==4.32.5";
/// The checks of every response.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance,response_headers_conformance,\
                      unsupported_method,ignored_auth";
/// Excluded paths: those that would end the session of the tests, and the WebSocket, which is not an
/// ordinary request.
const EXCLUDED_PATHS: &[&str] = &["/v1/socket", "/v1/sessions/current", "/v1/sessions/{id}"];
const PASSWORD: &str = "a test needs no secret";

/// Runs the tool against a server on `database`, with the programs in the folder `programs`.
pub fn run(programs: &Path, database: &str) -> Result {
    let tools = root().join("target/tools/schemathesis");
    let program = tools.join("bin/schemathesis");
    if !program.exists() {
        let folder = tools.to_string_lossy().into_owned();
        call("python3", &["-m", "venv", &folder])?;
        let pip = tools.join("bin/pip").to_string_lossy().into_owned();
        call(&pip, &["install", "--quiet", "--disable-pip-version-check", SCHEMATHESIS])?;
    }
    let mut add = Command::new(programs.join("parlour-server"));
    add.args(["user", "add", "wren", "--admin"]).env("PARLOUR_DATABASE", database);
    feed(&mut add, &format!("{PASSWORD}\n"))?;
    let server =
        Server::start(programs, database, &["--requests-per-second", "0", "--mib-per-day", "0"])?;
    let hooks = root().join("tests/api/hooks.py").to_string_lossy().into_owned();
    let document = format!("{}/openapi.json", server.url);
    let mut args = vec!["run", &document, "--checks", CHECKS, "--max-examples", "30"];
    args.extend(["--seed", "1", "--no-color"]);
    args.extend(EXCLUDED_PATHS.iter().flat_map(|path| ["--exclude-path", path]));
    let variables = [
        ("SCHEMATHESIS_HOOKS", hooks.as_str()),
        ("PARLOUR_URL", &server.url),
        ("PARLOUR_PASSWORD", PASSWORD),
    ];
    run_with(&program.to_string_lossy(), &args, &variables)
}
