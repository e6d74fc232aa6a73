//! The address of a bucket, as the settings name it.

use std::fmt;

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
