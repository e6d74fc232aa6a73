use super::*;
use clap::CommandFactory;

/// Every command with its action in the audit log; `None` for commands that only read, or have no database.
/// `tests/audit.rs` runs them.
const RECORDED: &[(&str, Option<&str>)] = &[
    ("audit", None),
    ("backup", Some("backed_up")),
    ("certificate new-key", Some("key_renewed")),
    ("certificate show", None),
    ("check-config", None),
    ("database clock", Some("clock_reset")),
    ("database copy", Some("database_copied")),
    ("doctor", None),
    ("export", Some("exported")),
    ("group give", Some("group_taken")),
    ("group list", None),
    ("group ownerless", None),
    ("import", Some("imported")),
    ("imports list", None),
    ("imports undo", Some("import_undone")),
    ("init", None),
    ("invite", Some("invited")),
    ("rebuild", Some("imported")),
    ("restore", Some("database_restored")),
    ("restored", Some("epoch_begun")),
    // Settings that change while it runs.
    ("serve", Some("settings_reloaded")),
    ("status", None),
    ("user add", Some("registered")),
    ("user deactivate", Some("deactivated")),
    ("user erase", Some("erased")),
    ("user list", None),
    ("user password", Some("password_reset")),
    ("user reactivate", Some("reactivated")),
    ("user role", Some("role_changed")),
    ("user sessions", None),
    ("verify", None),
];

#[test]
fn the_definition_of_the_command_line_is_valid() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_either_only_reads_or_is_recorded_in_the_audit() {
    let mut commands = Vec::new();
    for command in Cli::command().get_subcommands() {
        let full_name = |subcommand: &clap::Command| {
            format!("{} {}", command.get_name(), subcommand.get_name())
        };
        match command.has_subcommands() {
            true => commands.extend(command.get_subcommands().map(full_name)),
            false => commands.push(command.get_name().to_owned()),
        }
    }
    commands.sort();
    assert_eq!(commands, RECORDED.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    let documented = include_str!("../../../../docs/protocol.md");
    for action in RECORDED.iter().filter_map(|(_, action)| *action) {
        assert!(documented.contains(&format!("`{action}`")), "{action}");
    }
}
