//! Where the server's data is.

use clap::Args;
use std::path::PathBuf;

/// Where the data folder is, and how to print.
#[derive(Args, Clone)]
pub struct Folder {
    /// The data folder, for parlour.toml and a SQLite database and nothing else. It is created if it is
    /// missing.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Print JSON, for programs: one object, or one object per line for a list.
    #[arg(long)]
    pub json: bool,
}

/// Where the data folder and the database are, for commands that take no other settings.
#[derive(Args, Clone)]
pub struct Storage {
    #[command(flatten)]
    pub folder: Folder,
    /// sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME, if the database is not in the data folder. Prefer
    /// the variable PARLOUR_DATABASE, which does not show the password to other users of this computer.
    #[arg(long, env = "PARLOUR_DATABASE", hide_env_values = true, value_name = "URL")]
    pub database: Option<String>,
}
