//! The origin of a PostgreSQL database, which distinguishes it from others.

/// Returns the origin, which distinguishes a database from one that was restored in its place: the id of
/// the cluster, the timeline, that is, how often it was recovered or promoted, the id of the database, and
/// the id of the table `instance`, which a restored dump creates anew. The timeline is taken from the name
/// of the file that is being written, because the checkpoint contains a new timeline only a minute later.
pub const ORIGIN: &str = "SELECT s.system_identifier::text || ':'
        || ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int::text || ':'
        || d.oid::text || ':' || 'instance'::regclass::oid::text AS origin
    FROM pg_control_system() AS s, pg_database AS d
    WHERE d.datname = current_database()";

/// Returns the size of the database on the disk in bytes.
pub const BYTES: &str = "SELECT pg_database_size(current_database()) AS bytes";

/// Returns whether `now` is the origin of a promoted standby of the database with the origin `earlier`: the
/// same cluster, database and table, on a later timeline.
pub fn is_promoted(earlier: &str, now: &str) -> bool {
    let parts = |origin: &str| -> Option<(String, u32, String)> {
        let (cluster, rest) = origin.split_once(':')?;
        let (timeline, rest) = rest.split_once(':')?;
        Some((cluster.into(), timeline.parse().ok()?, rest.into()))
    };
    parts(earlier).zip(parts(now)).is_some_and(|(earlier, now)| {
        (&earlier.0, &earlier.2) == (&now.0, &now.2) && earlier.1 < now.1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promoted_standby_is_distinguished_from_every_other_database() {
        assert!(
            is_promoted("7:1:5:16384", "7:2:5:16384") && is_promoted("7:9:5:16384", "7:10:5:16384")
        );
        for other in
            ["7:1:5:16384", "7:0:5:16384", "8:2:5:16384", "7:2:6:16384", "7:2:5:1", "7:2", ""]
        {
            assert!(!is_promoted("7:1:5:16384", other), "{other}");
        }
        assert!(!is_promoted("", "7:2:5:16384") && !is_promoted("/a/file", "7:2:5:16384"));
    }
}
