//! The store: SQLite through sqlx. All the SQL of the server lives here.
