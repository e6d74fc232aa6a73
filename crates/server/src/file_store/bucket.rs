//! A store in a bucket of an S3-compatible service. An object is written once under a unique name, so requests can be
//! repeated.

use super::object::FileKey;
use bytes::Bytes;
use futures_util::stream::{StreamExt, TryStreamExt, iter};
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectMeta, ObjectStore, ObjectStoreExt, RetryConfig};
use std::fmt;
use std::io::{Error, ErrorKind, Result};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::runtime::Handle;

/// The longest time for connecting to the service.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest time for one request, which transfers at most one part.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// The number of repetitions of a request that failed, and the longest time for all of them.
const RETRIES: usize = 3;
const RETRY_TIMEOUT: Duration = Duration::from_secs(20);
/// The number of objects that are listed at a time.
const LISTED: usize = 1000;
/// The region of a service that has none.
const DEFAULT_REGION: &str = "us-east-1";

/// The address of a bucket. The credentials are not part of it: they are `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`
/// and perhaps `AWS_SESSION_TOKEN` in the environment, as for other programs that use S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketAddress {
    /// The name of the bucket.
    pub bucket: String,
    /// The prefix of all objects, without slashes at its ends; may be empty.
    pub prefix: String,
    /// The service's URL; `None` for that of Amazon.
    pub endpoint: Option<String>,
    /// The region; `None` for `AWS_REGION` in the environment.
    pub region: Option<String>,
}

impl BucketAddress {
    /// Parses `s3://BUCKET/PREFIX`; the prefix may be missing.
    pub fn parse(url: &str) -> Option<Self> {
        let (bucket, prefix) =
            url.strip_prefix("s3://")?.split_once('/').unwrap_or((&url[5..], ""));
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        let is_name = |name: &str| {
            !name.is_empty()
                && name.bytes().all(is_allowed)
                && name.bytes().any(|byte| byte != b'.')
        };
        let prefix = prefix.trim_matches('/');
        let is_prefix = prefix.is_empty() || prefix.split('/').all(is_name);
        (is_name(bucket) && is_prefix).then(|| Self {
            bucket: bucket.into(),
            prefix: prefix.into(),
            endpoint: None,
            region: None,
        })
    }
}

impl fmt::Display for BucketAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

/// A store in a bucket. All methods block.
#[derive(Debug, Clone)]
pub struct Bucket {
    service: Arc<dyn ObjectStore>,
    prefix: String,
    runtime: Handle,
}

impl Bucket {
    /// Opens the store. Makes no request. Must be called within a runtime.
    ///
    /// # Errors
    /// Fails if the settings or the environment are invalid.
    pub fn open(address: &BucketAddress) -> Result<Self> {
        let options = ClientOptions::new()
            .with_connect_timeout(CONNECT_TIMEOUT)
            .with_timeout(REQUEST_TIMEOUT);
        let retry = RetryConfig {
            max_retries: RETRIES,
            retry_timeout: RETRY_TIMEOUT,
            ..RetryConfig::default()
        };
        let variable = |name: &str| {
            std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| {
                let missing = format!("{name} is not set in the environment");
                Error::new(ErrorKind::InvalidInput, missing)
            })
        };
        let region = address.region.clone().or_else(|| variable("AWS_REGION").ok());
        // Not from all of the environment: other variables would override the settings, or allow plain HTTP.
        let mut builder = AmazonS3Builder::new()
            .with_client_options(options)
            .with_retry(retry)
            .with_bucket_name(&address.bucket)
            .with_region(region.unwrap_or_else(|| DEFAULT_REGION.into()))
            .with_access_key_id(variable("AWS_ACCESS_KEY_ID")?)
            .with_secret_access_key(variable("AWS_SECRET_ACCESS_KEY")?);
        if let Ok(token) = variable("AWS_SESSION_TOKEN") {
            builder = builder.with_token(token);
        }
        if let Some(endpoint) = &address.endpoint {
            // The settings allow this for loopback only.
            let is_plain = endpoint.starts_with("http://");
            builder = builder.with_endpoint(endpoint).with_allow_http(is_plain);
        }
        let service = Arc::new(builder.build().map_err(Error::other)?);
        Ok(Self { service, prefix: address.prefix.clone(), runtime: Handle::current() })
    }

    fn folder(&self, key: &FileKey) -> Path {
        Path::from(format!("{}/{key}", self.prefix))
    }

    fn path(&self, key: &FileKey, object: &str) -> Path {
        self.folder(key).join(object)
    }

    /// Waits for the result of a request. The thread is a new one, because the caller's may drive the runtime.
    fn wait<T: Send>(
        &self,
        request: impl Future<Output = object_store::Result<T>> + Send,
    ) -> Result<T> {
        let result = std::thread::scope(|scope| {
            let request = scope.spawn(|| self.runtime.block_on(request));
            request.join().expect("a request does not panic")
        });
        result.map_err(|error| match error {
            object_store::Error::NotFound { .. } => Error::new(ErrorKind::NotFound, error),
            other => Error::other(other),
        })
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

    /// Calls `each` with the key of every file that has objects, until it returns false.
    ///
    /// # Errors
    /// Fails if the service does.
    pub fn keys(&self, mut each: impl FnMut(FileKey) -> bool) -> Result<()> {
        let mut last = None;
        self.list(|name, _| {
            let key = name.split_once('/').and_then(|(key, _)| FileKey::parse(key));
            let Some(key) = key.filter(|key| last.as_ref() != Some(key)) else { return true };
            last = Some(key.clone());
            each(key)
        })
    }

    /// Calls `each` with the name below the prefix and the size of every object, sorted by name, until it returns
    /// false.
    ///
    /// # Errors
    /// Fails if the service does.
    pub fn list(&self, mut each: impl FnMut(&str, u64) -> bool) -> Result<()> {
        let prefix = Path::from(self.prefix.as_str());
        let mut objects = self.service.list(Some(&prefix));
        loop {
            let page = objects.by_ref().take(LISTED).try_collect::<Vec<_>>();
            let page = self.wait(page)?;
            for object in &page {
                let name = object.location.as_ref();
                let name = name.strip_prefix(self.prefix.as_str()).unwrap_or(name);
                if !each(name.trim_start_matches('/'), object.size) {
                    return Ok(());
                }
            }
            if page.len() < LISTED {
                return Ok(());
            }
        }
    }

    /// Returns the names of a file's objects that were written at least `age` ago.
    ///
    /// # Errors
    /// Fails if the service does.
    pub fn objects_older_than(&self, key: &FileKey, age: Duration) -> Result<Vec<String>> {
        let old = self.objects(key)?.into_iter().filter(|object| is_older(object, age));
        Ok(old.filter_map(|object| object.location.filename().map(str::to_owned)).collect())
    }

    /// Returns whether all objects of a file were written at least `age` ago; false if that is unknown.
    pub fn is_older(&self, key: &FileKey, age: Duration) -> bool {
        self.objects(key).is_ok_and(|objects| objects.iter().all(|object| is_older(object, age)))
    }

    fn objects(&self, key: &FileKey) -> Result<Vec<ObjectMeta>> {
        let folder = self.folder(key);
        self.wait(self.service.list(Some(&folder)).try_collect())
    }
}

fn is_older(object: &ObjectMeta, age: Duration) -> bool {
    let written = SystemTime::from(object.last_modified);
    SystemTime::now().duration_since(written).unwrap_or_default() >= age
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_bucket_and_perhaps_a_prefix() {
        let address = BucketAddress::parse("s3://chat/files/here/").unwrap();
        assert_eq!((address.bucket.as_str(), address.prefix.as_str()), ("chat", "files/here"));
        assert_eq!(BucketAddress::parse("s3://chat").unwrap().prefix, "");
        for other in [
            "s3://",
            "s3:///x",
            "s3://a b",
            "s3://chat/../x",
            "s3://chat/a//b",
            "s3://..",
            "s3://chat/a%b",
            "/chat",
        ] {
            assert_eq!(BucketAddress::parse(other), None, "{other}");
        }
    }
}
