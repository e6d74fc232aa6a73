//! Creates and updates the server's tables on PostgreSQL.

use crate::db::error::DbError;
use deadpool_postgres::Client;

/// The steps that bring an empty database to version 1, and each version to the next.
pub const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/postgres/0001_initial.sql"),
    include_str!("../../../migrations/postgres/0002_audit.sql"),
    include_str!("../../../migrations/postgres/0003_sessions.sql"),
    include_str!("../../../migrations/postgres/0004_ops.sql"),
    include_str!("../../../migrations/postgres/0005_made_ids.sql"),
    include_str!("../../../migrations/postgres/0006_restores.sql"),
    include_str!("../../../migrations/postgres/0007_removed.sql"),
    include_str!("../../../migrations/postgres/0008_looks.sql"),
    include_str!("../../../migrations/postgres/0009_audit_end.sql"),
    include_str!("../../../migrations/postgres/0010_collation.sql"),
    include_str!("../../../migrations/postgres/0011_owners.sql"),
    include_str!("../../../migrations/postgres/0012_newcomers.sql"),
    include_str!("../../../migrations/postgres/0013_profiles.sql"),
    include_str!("../../../migrations/postgres/0014_pictures.sql"),
    include_str!("../../../migrations/postgres/0015_name_keys.sql"),
    include_str!("../../../migrations/postgres/0016_group_count.sql"),
    include_str!("../../../migrations/postgres/0017_server_picture.sql"),
    include_str!("../../../migrations/postgres/0018_statuses.sql"),
    include_str!("../../../migrations/postgres/0019_files.sql"),
    include_str!("../../../migrations/postgres/0020_imported_files.sql"),
    include_str!("../../../migrations/postgres/0021_status_ends.sql"),
    include_str!("../../../migrations/postgres/0022_final_sigma.sql"),
    include_str!("../../../migrations/postgres/0023_import_runs.sql"),
    include_str!("../../../migrations/postgres/0024_claims.sql"),
];

/// Returns the version of the schema.
pub const VERSION: &str = "SELECT coalesce(max(version), 0) AS version FROM schema_version";

/// Brings the database to the newest version. If several servers start at once, one of them does it.
pub async fn migrate(client: &mut Client) -> Result<(), DbError> {
    let tx = client.transaction().await?;
    // The lock's number is arbitrary but must never change. Rebuilding an index of millions of rows takes
    // longer than the limit of all other statements.
    tx.batch_execute(
        "SET LOCAL statement_timeout = 0;
         SELECT pg_advisory_xact_lock(7205759403792793);
         CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)",
    )
    .await?;
    let row = tx.query_one("SELECT coalesce(max(version), 0) FROM schema_version", &[]).await?;
    let (found, known): (i64, i64) = (row.get(0), MIGRATIONS.len() as i64);
    if found > known {
        return Err(DbError::Newer { found, known });
    }
    for (version, step) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        tx.batch_execute(step).await?;
        tx.execute("INSERT INTO schema_version (version) VALUES ($1)", &[&version]).await?;
    }
    Ok(tx.commit().await?)
}
