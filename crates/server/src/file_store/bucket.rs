//! A store in a bucket of an S3-compatible service. An object is written once under a unique name, so requests can be
//! repeated.

use super::breaker::Breaker;
use super::bucket_address::BucketAddress;
use super::mark::{MARK, MAX_MARK_BYTES};
use super::object::{FileKey, FileObjects};
use bytes::Bytes;
use futures_util::stream::{StreamExt, TryStreamExt, iter};
use object_store::aws::AmazonS3Builder;
use object_store::client::{HttpError, HttpErrorKind};
use object_store::path::Path;
use object_store::{ClientOptions, ObjectMeta, ObjectStore, ObjectStoreExt, RetryConfig};
use std::collections::HashMap;
use std::io::{Error, ErrorKind, Result};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::runtime::Handle;

/// The longest time for connecting to the service.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest time for one request, which transfers at most one part; a failed one is not repeated after this time.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// The number of repetitions of a request that failed.
const RETRIES: usize = 3;
/// The number of objects that are listed at a time.
const LISTED: usize = 1000;
/// The region of a service that has none.
const DEFAULT_REGION: &str = "us-east-1";

/// A store in a bucket. All methods block. If the service does not respond, they fail after [`REQUEST_TIMEOUT`], and
/// after several such failures at once.
#[derive(Debug, Clone)]
pub struct Bucket {
    service: Arc<dyn ObjectStore>,
    prefix: String,
    runtime: Handle,
    breaker: Arc<Breaker>,
}

/// What the service recognizes the server by.
struct Credentials {
    key_id: String,
    secret: String,
    token: Option<String>,
}

impl Credentials {
    fn from_environment() -> Result<Self> {
        let (key_id, secret) = (variable("AWS_ACCESS_KEY_ID")?, variable("AWS_SECRET_ACCESS_KEY")?);
        Ok(Self { key_id, secret, token: variable("AWS_SESSION_TOKEN").ok() })
    }
}

fn variable(name: &str) -> Result<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, format!("{name} is not set in the environment"))
    })
}

impl Bucket {
    /// Opens the store. Makes no request. Must be called within a runtime.
    ///
    /// # Errors
    /// Fails if the settings or the environment are invalid.
    pub fn open(address: &BucketAddress) -> Result<Self> {
        Self::open_with(address, Credentials::from_environment()?, REQUEST_TIMEOUT)
    }

    /// Opens the store with a longest time for a request and its repetitions.
    fn open_with(
        address: &BucketAddress,
        credentials: Credentials,
        request_timeout: Duration,
    ) -> Result<Self> {
        let options = ClientOptions::new()
            .with_connect_timeout(CONNECT_TIMEOUT.min(request_timeout))
            .with_timeout(request_timeout);
        let retry = RetryConfig {
            max_retries: RETRIES,
            retry_timeout: request_timeout,
            ..RetryConfig::default()
        };
        let region = address.region.clone().or_else(|| variable("AWS_REGION").ok());
        // Not from all of the environment: other variables would override the settings, or allow plain HTTP.
        let mut builder = AmazonS3Builder::new()
            .with_client_options(options)
            .with_retry(retry)
            .with_bucket_name(&address.bucket)
            .with_region(region.unwrap_or_else(|| DEFAULT_REGION.into()))
            .with_access_key_id(credentials.key_id)
            .with_secret_access_key(credentials.secret);
        if let Some(token) = credentials.token {
            builder = builder.with_token(token);
        }
        if let Some(endpoint) = &address.endpoint {
            // The settings allow this for loopback only.
            let is_plain = endpoint.starts_with("http://");
            builder = builder.with_endpoint(endpoint).with_allow_http(is_plain);
        }
        let service = Arc::new(builder.build().map_err(Error::other)?);
        let (prefix, runtime) = (address.prefix.clone(), Handle::current());
        Ok(Self { service, prefix, runtime, breaker: Arc::default() })
    }

    fn folder(&self, key: &FileKey) -> Path {
        Path::from(format!("{}/{key}", self.prefix))
    }

    fn path(&self, key: &FileKey, object: &str) -> Path {
        self.folder(key).join(object)
    }

    /// Waits for the result of a request, unless the service has not responded for a while. The thread is a new one,
    /// because the caller's may drive the runtime.
    fn wait<T: Send>(
        &self,
        request: impl Future<Output = object_store::Result<T>> + Send,
    ) -> Result<T> {
        if !self.breaker.admits(Instant::now()) {
            let silent = "the service did not respond to the previous requests";
            return Err(Error::new(ErrorKind::TimedOut, silent));
        }
        let result = std::thread::scope(|scope| {
            let request = scope.spawn(|| self.runtime.block_on(request));
            request.join().expect("a request does not panic")
        });
        match &result {
            Err(error) if is_silence(error) => self.breaker.record_silence(Instant::now()),
            _ => self.breaker.record_response(),
        }
        result.map_err(|error| match error {
            object_store::Error::NotFound { .. } => Error::new(ErrorKind::NotFound, error),
            other => Error::other(other),
        })
    }

    /// Returns the mark of the store; `None` if there is none.
    ///
    /// # Errors
    /// Fails if the service does.
    pub fn mark(&self) -> Result<Option<Bytes>> {
        let path = self.mark_path();
        let read = async {
            let found = self.service.get(&path).await?;
            // No mark is that long.
            let is_long = found.meta.size > MAX_MARK_BYTES;
            if is_long { Ok(Bytes::new()) } else { found.bytes().await }
        };
        match self.wait(read) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            mark => mark.map(Some),
        }
    }

    /// Writes the mark of the store.
    ///
    /// # Errors
    /// Fails if the service does.
    pub fn put_mark(&self, mark: Bytes) -> Result<()> {
        let path = self.mark_path();
        self.wait(self.service.put(&path, mark.into())).map(drop)
    }

    fn mark_path(&self) -> Path {
        Path::from(format!("{}/{MARK}", self.prefix))
    }

    /// Writes an object.
    ///
    /// # Errors
    /// Fails if the service does.
    pub fn put(&self, key: &FileKey, object: &str, bytes: Bytes) -> Result<()> {
        let path = self.path(key, object);
        self.wait(self.service.put(&path, bytes.into())).map(drop)
    }

    /// Reads `length` bytes of an object.
    ///
    /// # Errors
    /// Fails if the service does, or if the object is shorter.
    pub fn read(&self, key: &FileKey, object: &str, from: u64, length: usize) -> Result<Bytes> {
        let path = self.path(key, object);
        let bytes = self.wait(self.service.get_range(&path, from..from + length as u64))?;
        if bytes.len() == length { Ok(bytes) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }

    /// Returns the size of an object in bytes.
    ///
    /// # Errors
    /// Fails if the service does, or if there is none.
    pub fn size(&self, key: &FileKey, object: &str) -> Result<u64> {
        let path = self.path(key, object);
        Ok(self.wait(self.service.head(&path))?.size)
    }

    /// Removes an object. Does nothing if there is none.
    ///
    /// # Errors
    /// Fails if the service does.
    pub fn remove(&self, key: &FileKey, object: &str) -> Result<()> {
        let path = self.path(key, object);
        match self.wait(self.service.delete(&path)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }

    /// Removes all objects of a file.
    ///
    /// # Errors
    /// Fails if the service does.
    pub fn remove_all(&self, key: &FileKey) -> Result<()> {
        let paths: Vec<_> =
            self.objects(key)?.into_iter().map(|found| Ok(found.location)).collect();
        self.wait(self.service.delete_stream(iter(paths).boxed()).try_collect::<Vec<_>>()).map(drop)
    }

    /// Calls `each` with every file that has objects, until it returns false. The objects are listed page by page, so
    /// that the number of requests does not depend on the number of files.
    ///
    /// # Errors
    /// Fails if the service does.
    pub fn files(&self, mut each: impl FnMut(FileObjects) -> bool) -> Result<()> {
        let (now, mut is_stopped, mut file) = (SystemTime::now(), false, None::<FileObjects>);
        self.list_objects(|name, object| {
            let Some((key, name)) = name.split_once('/') else { return true };
            let Some(key) = FileKey::parse(key).filter(|_| !name.contains('/')) else {
                return true;
            };
            let age = age(object, now);
            // Names are sorted, so the objects of a file follow each other.
            if let Some(file) = file.as_mut().filter(|file| file.key == key) {
                file.age = file.age.min(age);
                file.objects.push((name.to_owned(), age));
                return true;
            }
            let objects = vec![(name.to_owned(), age)];
            let previous = file.replace(FileObjects { key, age, objects });
            is_stopped = previous.is_some_and(|file| !each(file));
            !is_stopped
        })?;
        if let Some(file) = file.filter(|_| !is_stopped) {
            each(file);
        }
        Ok(())
    }

    /// Calls `each` with the name below the prefix and the size of every object, sorted by name, until it returns
    /// false.
    ///
    /// # Errors
    /// Fails if the service does.
    pub fn list(&self, mut each: impl FnMut(&str, u64) -> bool) -> Result<()> {
        self.list_objects(|name, object| each(name, object.size))
    }

    fn list_objects(&self, mut each: impl FnMut(&str, &ObjectMeta) -> bool) -> Result<()> {
        let prefix = Path::from(self.prefix.as_str());
        let mut objects = self.service.list(Some(&prefix));
        loop {
            let page = objects.by_ref().take(LISTED).try_collect::<Vec<_>>();
            let page = self.wait(page)?;
            for object in &page {
                let name = object.location.as_ref();
                let name = name.strip_prefix(self.prefix.as_str()).unwrap_or(name);
                if !each(name.trim_start_matches('/'), object) {
                    return Ok(());
                }
            }
            if page.len() < LISTED {
                return Ok(());
            }
        }
    }

    /// Returns the sizes of the objects of a file in bytes, by their names.
    ///
    /// # Errors
    /// Fails if the service does.
    pub fn sizes_of(&self, key: &FileKey) -> Result<HashMap<String, u64>> {
        let objects = self.objects(key)?;
        let size =
            |object: &ObjectMeta| Some((object.location.filename()?.to_owned(), object.size));
        Ok(objects.iter().filter_map(size).collect())
    }

    fn objects(&self, key: &FileKey) -> Result<Vec<ObjectMeta>> {
        let folder = self.folder(key);
        self.wait(self.service.list(Some(&folder)).try_collect())
    }
}

fn age(object: &ObjectMeta, now: SystemTime) -> Duration {
    now.duration_since(SystemTime::from(object.last_modified)).unwrap_or_default()
}

/// Returns whether an error means that the service did not respond.
fn is_silence(error: &object_store::Error) -> bool {
    let first: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |error| error.source()).any(|error| {
        let error = error.downcast_ref::<HttpError>();
        error.is_some_and(|error| {
            matches!(error.kind(), HttpErrorKind::Timeout | HttpErrorKind::Connect)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::breaker::MAX_UNANSWERED;
    use super::super::object::new_part_name;
    use super::*;
    use object_store::memory::InMemory;
    use parlour_protocol::FileHash;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::net::TcpListener;
    use uuid::Uuid;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_service_that_accepts_requests_and_never_responds_soon_gets_no_more() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = BucketAddress {
            endpoint: Some(format!("http://{}", listener.local_addr().unwrap())),
            ..BucketAddress::parse("s3://chat/files").unwrap()
        };
        let accepted = Arc::new(AtomicU32::new(0));
        let counter = accepted.clone();
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::Relaxed);
                open.push(stream);
            }
        });
        let credentials =
            Credentials { key_id: "key".into(), secret: "secret".into(), token: None };
        let bucket = Bucket::open_with(&address, credentials, Duration::from_millis(50)).unwrap();
        let key = FileKey::new(FileHash::of(b"abc"), Uuid::from_u128(1));
        let read = move || bucket.read(&key, "0", 0, 1).unwrap_err().to_string();
        let reads = tokio::task::spawn_blocking(move || {
            for _ in 0..MAX_UNANSWERED {
                read();
            }
            let before = accepted.load(Ordering::Relaxed);
            for _ in 0..100 {
                assert!(read().contains("did not respond to the previous requests"));
            }
            (before, accepted.load(Ordering::Relaxed))
        });
        let (before, after) = reads.await.unwrap();
        assert!(before >= 1);
        assert_eq!(before, after);
    }
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn all_files_are_listed_with_their_objects_and_nothing_else() {
        let bucket = Bucket {
            service: Arc::new(InMemory::new()),
            prefix: "files".into(),
            runtime: Handle::current(),
            breaker: Arc::default(),
        };
        let listed = tokio::task::spawn_blocking(move || {
            let mut expected = Vec::new();
            for (id, parts) in [(1, 3), (2, 1), (3, 1200), (4, 2)] {
                let key = FileKey::new(FileHash::of(b"abc"), Uuid::from_u128(id));
                let names: Vec<String> = (0..parts).map(new_part_name).collect();
                for name in &names {
                    bucket.put(&key, name, Bytes::from_static(b"x")).unwrap();
                }
                expected.push((key, names));
            }
            let other = Path::from("files/other");
            bucket.wait(bucket.service.put(&other, Bytes::from_static(b"x").into())).unwrap();
            let list = |limit: usize| {
                let mut found = Vec::new();
                let each = |file: FileObjects| {
                    let names = file.objects.into_iter().map(|(name, _)| name);
                    found.push((file.key, names.collect::<Vec<_>>()));
                    found.len() < limit
                };
                bucket.files(each).unwrap();
                found
            };
            assert_eq!(list(2), expected[..2]);
            (list(usize::MAX), expected)
        });
        let (found, expected) = listed.await.unwrap();
        assert_eq!(found, expected);
    }
}
