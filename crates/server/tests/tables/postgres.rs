//! The tables as PostgreSQL's catalogue describes them.

use crate::common::{Database, connect};
use std::collections::BTreeSet;
use tokio_postgres::Client;

async fn strings(client: &Client, sql: &str) -> BTreeSet<String> {
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn database() -> Option<(Database, Client)> {
    let database = Database::postgres().await?;
    database.serve().await.running.stop().await.unwrap();
    let client = connect(database.url.as_ref().unwrap()).await;
    Some((database, client))
}

/// The tables that other programs may use, too: their required columns, keys and indexes never change.
const REQUIRED_TABLES: &str = "('users', 'sessions', 'conversations', 'conversation_members')";

#[tokio::test]
async fn the_required_columns_have_their_types_nullability_and_defaults() {
    let Some((_database, client)) = database().await else { return };
    let found = strings(
        &client,
        &format!(
            "SELECT table_name || '.' || column_name || ' ' || data_type
                || coalesce('(' || character_maximum_length || ')', '')
                || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END
                || coalesce(' default ' || column_default, '')
             FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name IN {REQUIRED_TABLES}"
        ),
    )
    .await;
    for column in [
        "users.id uuid not null default gen_random_uuid()",
        "users.username character varying(50) not null",
        "users.password_hash character varying(255) not null",
        "users.created_at timestamp with time zone default CURRENT_TIMESTAMP",
        "users.last_seen timestamp with time zone",
        "sessions.id uuid not null default gen_random_uuid()",
        "sessions.user_id uuid not null",
        "sessions.token text not null",
        "sessions.created_at timestamp with time zone default CURRENT_TIMESTAMP",
        "sessions.expires_at timestamp with time zone not null",
        "conversations.id uuid not null default gen_random_uuid()",
        "conversations.type text not null",
        "conversations.created_by uuid not null",
        "conversations.created_at timestamp with time zone default CURRENT_TIMESTAMP",
        "conversation_members.conversation_id uuid not null",
        "conversation_members.user_id uuid not null",
        "conversation_members.joined_at timestamp with time zone default CURRENT_TIMESTAMP",
    ] {
        assert!(found.contains(column), "{column} is missing: {found:#?}");
    }
}

#[tokio::test]
async fn the_required_keys_unique_constraints_checks_and_cascades_exist() {
    let Some((_database, client)) = database().await else { return };
    let found = strings(
        &client,
        &format!(
            "SELECT conrelid::regclass::text || ': ' || pg_get_constraintdef(oid)
             FROM pg_constraint WHERE conrelid::regclass::text IN {REQUIRED_TABLES}"
        ),
    )
    .await;
    for constraint in [
        "users: PRIMARY KEY (id)",
        "users: UNIQUE (username)",
        "sessions: PRIMARY KEY (id)",
        "sessions: UNIQUE (token)",
        "sessions: FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE",
        "conversations: PRIMARY KEY (id)",
        "conversations: CHECK ((type = ANY (ARRAY['p2p'::text, 'group'::text])))",
        "conversations: FOREIGN KEY (created_by) REFERENCES users(id) ON DELETE CASCADE",
        "conversation_members: PRIMARY KEY (conversation_id, user_id)",
        "conversation_members: FOREIGN KEY (conversation_id) REFERENCES conversations(id) \
            ON DELETE CASCADE",
        "conversation_members: FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE",
    ] {
        assert!(found.contains(constraint), "{constraint} is missing: {found:#?}");
    }
}

#[tokio::test]
async fn the_required_indexes_exist() {
    let Some((_database, client)) = database().await else { return };
    let found = strings(
        &client,
        "SELECT regexp_replace(indexdef, ' ON public\\.', ' ON ') FROM pg_indexes
         WHERE schemaname = 'public'",
    )
    .await;
    for index in [
        "CREATE INDEX idx_users_username ON users USING btree (username)",
        "CREATE INDEX idx_sessions_token ON sessions USING btree (token)",
        "CREATE INDEX idx_sessions_user_id ON sessions USING btree (user_id)",
        "CREATE INDEX idx_conversations_type ON conversations USING btree (type)",
        "CREATE INDEX idx_conversation_members_user_id ON conversation_members USING btree (user_id)",
    ] {
        assert!(found.contains(index), "{index} is missing: {found:#?}");
    }
}

/// Selects the indexes that compare texts by the collation of a language and not byte by byte.
const OTHER_COLLATIONS: &str = "SELECT i.indexrelid::regclass::text
    FROM pg_index AS i JOIN pg_class AS t ON t.oid = i.indrelid, unnest(i.indcollation) AS used
    WHERE t.relnamespace = 'public'::regnamespace AND used <> 0
        AND used <> (SELECT oid FROM pg_collation WHERE collname = 'C')";

/// The collation of a language may change with the system's C library; lookups in an index that was built
/// before fail.
#[tokio::test]
async fn every_index_compares_texts_byte_by_byte_in_any_locale() {
    let Some((_database, client)) = database().await else { return };
    assert_eq!(strings(&client, OTHER_COLLATIONS).await, BTreeSet::new());
    let found = strings(
        &client,
        "SELECT attrelid::regclass || '.' || attname FROM pg_attribute
         WHERE attcollation = (SELECT oid FROM pg_collation WHERE collname = 'C')
             AND attrelid IN (SELECT oid FROM pg_class
                 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r')",
    )
    .await;
    for column in ["users.username", "users.username_key", "sessions.token", "reactions.emoji"] {
        assert!(found.contains(column), "{column}: {found:?}");
    }
    // The query finds a new index with another collation.
    client.batch_execute("CREATE INDEX idx_new ON users (role, password_hash)").await.unwrap();
    assert_eq!(strings(&client, OTHER_COLLATIONS).await, BTreeSet::from(["idx_new".to_owned()]));
}
