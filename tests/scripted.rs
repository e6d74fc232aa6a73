//! `scripted FOLDER SERVER SCRIPT`: does a script on the files in FOLDER, and prints a line for
//! everything that was accepted. Made to fail and to be ended at its writes.

use harness::script::{Device, Script};
use std::io::Write;
use std::path::Path;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, server, name] = &args[..] else { panic!("scripted FOLDER SERVER SCRIPT") };
    let (script, _) = Script::ALL.into_iter().find(|(_, known)| known == name).expect("a script");
    let mut told = |line: &str| {
        println!("{line}");
        std::io::stdout().flush().expect("somebody listens");
    };
    let played = Device::open(Path::new(folder), Path::new(server))
        .and_then(|device| device.play(script, &mut told));
    // Files that fail are told of in a sentence.
    if let Err(error) = played {
        eprintln!("{}", error.sentence());
    }
}
