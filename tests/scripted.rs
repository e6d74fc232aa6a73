//! `scripted FOLDER SERVER SCRIPT` runs a script on the files in FOLDER, and prints a line for each
//! accepted action. Tests make one of its writes fail, or kill it there.

use harness::script::{Device, Script};
use std::io::Write;
use std::path::Path;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, server, name] = &args[..] else { panic!("scripted FOLDER SERVER SCRIPT") };
    let (script, _) = Script::ALL.into_iter().find(|(_, known)| known == name).expect("a script");
    let mut report = |line: &str| {
        println!("{line}");
        std::io::stdout().flush().expect("the output is read");
    };
    let result = Device::open(Path::new(folder), Path::new(server))
        .and_then(|device| device.play(script, &mut report));
    // An error of the files is reported as a sentence.
    if let Err(error) = result {
        eprintln!("{error}");
    }
}
