use super::super::limiter::WIDE_FACTOR;
use super::*;
use parlour_protocol::{ErrorBody, ErrorCode};
use uuid::Uuid;

fn network(address: &str) -> Network {
    address.parse::<IpAddr>().unwrap().into()
}

/// Returns the number of attempts before the first refusal.
fn count_allowed(mut attempt: impl FnMut(u32) -> Result<(), ApiError>) -> u32 {
    (0..10_000).find(|n| attempt(*n).is_err()).expect("an end")
}

/// Asserts a number of attempts, with some tolerance because the buckets refill meanwhile.
fn assert_about(passed: u32, allowed: u32) {
    assert!((allowed..allowed + 5).contains(&passed), "{passed} of {allowed}");
}

#[test]
fn adjacent_addresses_are_in_one_network_and_others_are_not() {
    assert_eq!(network("192.0.2.1"), network("192.0.2.250"));
    assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
    assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
    assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
    assert_eq!(network("2001:db8::1").wide(), network("2001:db8:0:1::1").wide());
    assert_ne!(network("2001:db8::1").wide(), network("2001:db8:1::1").wide());
    assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.9"));
}

#[test]
fn the_changes_of_a_profile_are_limited() {
    let limits = RateLimits::new(1000);
    let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
    assert_about(count_allowed(|_| limits.profile(wren)), PROFILES_PER_ACCOUNT);
    let refused = ErrorBody::from(limits.profile(wren).unwrap_err());
    assert_eq!(refused.code, ErrorCode::RateLimited);
    assert!(
        refused.retry_after_ms.is_some_and(|ms| ms > 60_000),
        "one is added every three minutes"
    );
    limits.profile(oak).unwrap();
}

#[test]
fn the_requests_of_an_account_are_limited() {
    let limits = RateLimits::new(1);
    let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
    let refused = (0..=BURST).find_map(|_| limits.account(wren).err()).unwrap();
    assert_eq!(refused.code, ErrorCode::RateLimited);
    limits.account(oak).unwrap();
}

fn address(address: &str) -> IpAddr {
    address.parse().unwrap()
}

/// Fails unless a sign-in is within the limits.
fn within(limit: Result<SignInLimit, ApiError>) -> Result<(), ApiError> {
    limit?.refusal().map_or(Ok(()), Err)
}

#[test]
fn guessing_a_password_from_many_networks_is_limited() {
    let limits = RateLimits::new(1);
    let from = |n: u32| address(&format!("10.0.{n}.1"));
    let sign_in = |n: u32| within(limits.sign_in(from(n), "Wren", false));
    assert_about(count_allowed(sign_in), SIGN_INS_PER_ACCOUNT);
    within(limits.sign_in(from(0), "oak", false)).unwrap();
}

#[test]
fn a_user_whose_password_is_guessed_can_still_sign_in_from_a_known_address_and_change_it() {
    let limits = RateLimits::new(1);
    let known = address("192.0.2.1");
    let from = |n: u32| address(&format!("10.0.{n}.1"));
    count_allowed(|n| within(limits.sign_in(from(n), "wren", false)));
    let limit = limits.sign_in(known, "wren", false).unwrap();
    assert!(matches!(limit, SignInLimit::AccountExceeded(_)));
    // The sign-in above was counted in this bucket, too.
    let checked = count_allowed(|_| limits.sign_in(known, "wren", false).map(drop));
    assert_about(checked, SIGN_INS_PER_ACCOUNT_AND_ADDRESS - 1);
    let (own_session, other_session) =
        (SessionId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2)));
    let wren = UserId(Uuid::from_u128(1));
    assert_about(
        count_allowed(|_| limits.password_confirmation(wren, other_session)),
        PASSWORDS_PER_SESSION,
    );
    limits.password_confirmation(wren, own_session).unwrap();
    let all = count_allowed(|n| {
        limits.password_confirmation(wren, SessionId(Uuid::from_u128(9 + n as u128)))
    });
    assert!(all < PASSWORDS_PER_ACCOUNT, "{all}");
}

#[test]
fn other_addresses_of_a_network_do_not_use_up_the_limit_of_a_known_address_or_device() {
    let limits = RateLimits::new(1);
    let (known, neighbour) = (address("192.0.2.10"), address("192.0.2.201"));
    // Attempts on this account, then with other names, until passwords are no longer checked.
    count_allowed(|_| limits.sign_in(neighbour, "wren", false).map(drop));
    count_allowed(|n| limits.sign_in(neighbour, &format!("ghost-{n}"), false).map(drop));
    assert!(limits.sign_in(address("192.0.2.77"), "wren", false).is_err());
    let limit = limits.sign_in(known, "wren", true).unwrap();
    assert!(matches!(limit, SignInLimit::NetworkExceeded(_)));
    // Behind the same address, users can only be distinguished by their devices.
    count_allowed(|n| limits.sign_in(known, &format!("ghost-{n}"), true).map(drop));
    assert!(limits.sign_in(known, "wren", true).is_err());
    let device = SessionId(Uuid::from_u128(1));
    let wren = UserId(Uuid::from_u128(1));
    assert_about(count_allowed(|_| limits.sign_in_by_device(wren, device)), SIGN_INS_PER_DEVICE);
    // Each sign-in returns a new session, with which the device can sign in again.
    let oak = UserId(Uuid::from_u128(2));
    let devices = |n: u32| SessionId(Uuid::from_u128(100 + u128::from(n)));
    let chained = count_allowed(|n| limits.sign_in_by_device(oak, devices(n)));
    assert_about(chained, DEVICE_SIGN_INS_PER_ACCOUNT);
}

#[test]
fn the_networks_of_one_ipv6_site_share_a_limit() {
    let limits = RateLimits::new(1);
    let from = |n: u32| address(&format!("2001:db8:0:{n:x}::1"));
    let names = count_allowed(|n| within(limits.sign_in(from(n), &format!("name-{n}"), false)));
    assert_about(names, SIGN_INS_PER_NETWORK * WIDE_FACTOR);
    let over_limit =
        count_allowed(|n| limits.sign_in(from(n), &format!("late-{n}"), false).map(drop));
    assert_about(over_limit, OVER_LIMIT_SIGN_INS * WIDE_FACTOR - 1);
    let other = |n: u32| address(&format!("2001:db8:1:{n:x}::1"));
    let one = count_allowed(|n| within(limits.sign_in(other(n), "wren", false)));
    assert_about(one, SIGN_INS_PER_ACCOUNT);
}

#[test]
fn added_members_are_counted_instead_of_groups() {
    let limits = RateLimits::new(1000);
    let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
    assert_eq!(count_allowed(|_| limits.members(wren, 501)), 3);
    let refused = ErrorBody::from(limits.members(wren, 501).unwrap_err());
    assert_eq!(refused.code, ErrorCode::RateLimited);
    assert!(refused.retry_after_ms.is_some_and(|ms| ms > 1000), "{refused:?}");
    assert_about(count_allowed(|_| limits.members(wren, 1)), MEMBERS_PER_ACCOUNT - 3 * 501);
    limits.members(oak, 501).unwrap();
    assert!(limits.members(oak, 100_000).is_err());
}

#[test]
fn open_registrations_from_one_network_are_limited() {
    let limits = RateLimits::new(1);
    let one = network("192.0.2.1");
    assert_about(count_allowed(|_| limits.open_registration(one)), REGISTRATIONS_PER_NETWORK);
}

#[test]
fn buckets_do_not_grow_with_the_length_of_names_and_are_removed_when_full() {
    let limits = RateLimits::new(1000);
    let name = "x".repeat(500 * 1024);
    within(limits.sign_in(address("192.0.2.1"), &name, false)).unwrap();
    for n in 0..1000_u128 {
        limits.account(UserId(Uuid::from_u128(n))).unwrap();
    }
    let buckets = limits.buckets().unwrap();
    assert_eq!(buckets.per_account.buckets.len(), 1000);
    // A millisecond later each of them is full again.
    while !buckets.per_account.buckets.is_empty() {
        limits.sweep();
    }
    assert_eq!(
        buckets.sign_ins_per_account_and_address.buckets.len(),
        1,
        "takes several seconds to become full again"
    );
}
