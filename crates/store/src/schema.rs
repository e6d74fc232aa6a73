//! The two files of an account, and the migrations from earlier versions.

use parlour_sqlite::Schema;

/// The schema of `mirror.db`.
pub(crate) const MIRROR: Schema = Schema {
    application_id: 0x5041_524d, // "PARM"
    newest: include_str!("../../../schema.sql"),
    migrations: &[
        include_str!("../mirror_2.sql"),
        include_str!("../mirror_3.sql"),
        include_str!("../mirror_4.sql"),
        include_str!("../mirror_5.sql"),
        include_str!("../mirror_6.sql"),
        include_str!("../mirror_7.sql"),
        include_str!("../mirror_8.sql"),
        include_str!("../mirror_9.sql"),
        include_str!("../mirror_10.sql"),
        include_str!("../mirror_11.sql"),
        include_str!("../mirror_12.sql"),
        include_str!("../mirror_13.sql"),
        include_str!("../mirror_14.sql"),
    ],
};

/// The schema of `outbox.db`.
pub(crate) const OUTBOX: Schema = Schema {
    application_id: 0x5041_524f, // "PARO"
    newest: include_str!("../outbox.sql"),
    migrations: &[
        include_str!("../outbox_2.sql"),
        include_str!("../outbox_3.sql"),
        include_str!("../outbox_4.sql"),
    ],
};
