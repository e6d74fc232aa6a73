-- The user without a password whose account somebody takes over with the invitation; NULL if it creates an account.
ALTER TABLE invitations ADD COLUMN claims TEXT REFERENCES users (id);
