//! Sessions in the database: tower-sessions' store over the engine's records.
//!
//! The database holds the SHA-256 of a session's id, so that a copy of the file opens no session.

use std::sync::Arc;

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use souvenir_memory::Timestamp;
use time::OffsetDateTime;
use tower_sessions::{
    Expiry, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store,
};

use crate::{
    clock::Clock,
    engine::{Engine, EngineError},
};

/// A session lasts this long after its last use.
const LASTING: time::Duration = time::Duration::days(30);
/// The cookie's name. Over HTTPS it begins with `__Host-`: browsers then take it from this very host only, so that no
/// neighbour under the same domain can plant one.
pub(in crate::web) fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-souvenir" } else { "souvenir" }
}

/// The layer that gives requests their session.
///
/// `SameSite=Lax`: a sign-in link in a chat is followed by a navigation from another site.
pub(in crate::web) fn layer(engine: &Engine, clock: Arc<dyn Clock>, secure: bool) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions { engine: engine.clone(), clock })
        .with_name(cookie_name(secure))
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(secure)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(LASTING))
}

/// The store.
#[derive(Clone)]
pub(in crate::web) struct Sessions {
    engine: Engine,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        while !self.write(record, false).await? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.write(record, true).await.map(|_| ())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let now = self.clock.now();
        let Some((data, expires)) = self.engine.session_records().load(&key(id), now).await.map_err(backend)? else {
            return Ok(None);
        };
        let decode = |error: &dyn std::fmt::Display| session_store::Error::Decode(error.to_string());
        let data = serde_json::from_str(&data).map_err(|error| decode(&error))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(expires.0 / 1000).map_err(|error| decode(&error))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.engine.session_records().delete(&key(id)).await.map_err(backend)
    }
}

impl Sessions {
    /// Writes a record; false when it is new and its id is taken.
    async fn write(&self, record: &Record, replace: bool) -> session_store::Result<bool> {
        let data = serde_json::to_string(&record.data);
        let data = data.map_err(|error| session_store::Error::Encode(error.to_string()))?;
        let expires = Timestamp(record.expiry_date.unix_timestamp().saturating_mul(1000));
        self.engine.session_records().save(&key(&record.id), data, expires, replace).await.map_err(backend)
    }
}

fn key(id: &Id) -> String {
    Sha256::digest(id.to_string()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn backend(error: EngineError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}
