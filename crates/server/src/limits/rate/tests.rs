use super::super::limiter::WIDE;
use super::*;
use parlour_protocol::{ErrorBody, ErrorCode};
use uuid::Uuid;

fn network(address: &str) -> Network {
    address.parse::<IpAddr>().unwrap().into()
}

/// Returns the number of tries before the first one that is refused.
fn passing(mut tries: impl FnMut(u32) -> Result<(), ApiError>) -> u32 {
    (0..10_000).find(|n| tries(*n).is_err()).expect("an end")
}

/// Asserts a number of tries, with some tolerance because the buckets refill meanwhile.
fn assert_about(passed: u32, allowed: u32) {
    assert!((allowed..allowed + 5).contains(&passed), "{passed} of {allowed}");
}

#[test]
fn neighbours_share_a_network_and_strangers_do_not() {
    assert_eq!(network("192.0.2.1"), network("192.0.2.250"));
    assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
    assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
    assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
    assert_eq!(network("2001:db8::1").wide(), network("2001:db8:0:1::1").wide());
    assert_ne!(network("2001:db8::1").wide(), network("2001:db8:1::1").wide());
    assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.9"));
}

#[test]
fn one_account_does_not_keep_everybody_reading_its_profile() {
    let limits = RateLimits::new(1000);
    let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
    assert_about(passing(|_| limits.profile(wren)), PROFILES_OF_ACCOUNT);
    let refused = ErrorBody::from(limits.profile(wren).unwrap_err());
    assert_eq!(refused.code, ErrorCode::Rate);
    assert!(refused.retry_after_ms.is_some_and(|ms| ms > 60_000), "one in three minutes");
    limits.profile(oak).unwrap();
}

#[test]
fn one_account_may_ask_so_often_and_is_told_when_to_come_back() {
    let limits = RateLimits::new(1);
    let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
    let refused = (0..=BURST).find_map(|_| limits.account(wren).err()).unwrap();
    assert_eq!(refused.code, ErrorCode::Rate);
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
fn guessing_at_one_account_from_many_networks_ends_soon() {
    let limits = RateLimits::new(1);
    let from = |n: u32| address(&format!("10.0.{n}.1"));
    let sign_in = |n: u32| within(limits.sign_in(from(n), "Wren", false));
    assert_about(passing(sign_in), SIGN_INS_OF_ACCOUNT);
    within(limits.sign_in(from(0), "oak", false)).unwrap();
}

#[test]
fn whom_strangers_guess_at_is_looked_at_where_they_were_before_and_changes_their_password() {
    let limits = RateLimits::new(1);
    let home = address("192.0.2.1");
    let from = |n: u32| address(&format!("10.0.{n}.1"));
    passing(|n| within(limits.sign_in(from(n), "wren", false)));
    let limit = limits.sign_in(home, "wren", false).unwrap();
    assert!(matches!(limit, SignInLimit::AccountUsedUp(_)));
    // One sign-in before was counted in this bucket too.
    let looked_at = passing(|_| limits.sign_in(home, "wren", false).map(drop));
    assert_about(looked_at, SIGN_INS_OF_PAIR - 1);
    let (mine, theirs) = (SessionId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2)));
    let wren = UserId(Uuid::from_u128(1));
    assert_about(passing(|_| limits.own_password(wren, theirs)), PASSWORDS_OF_SESSION);
    limits.own_password(wren, mine).unwrap();
    let all = passing(|n| limits.own_password(wren, SessionId(Uuid::from_u128(9 + n as u128))));
    assert!(all < PASSWORDS_OF_ACCOUNT, "{all}");
}

#[test]
fn a_neighbour_uses_up_neither_a_known_place_nor_a_known_device() {
    let limits = RateLimits::new(1);
    let (home, neighbour) = (address("192.0.2.10"), address("192.0.2.201"));
    // At the account, and with as many other names as are looked at.
    passing(|_| limits.sign_in(neighbour, "wren", false).map(drop));
    passing(|n| limits.sign_in(neighbour, &format!("ghost-{n}"), false).map(drop));
    assert!(limits.sign_in(address("192.0.2.77"), "wren", false).is_err());
    let limit = limits.sign_in(home, "wren", true).unwrap();
    assert!(matches!(limit, SignInLimit::NetworkUsedUp(_)));
    // Behind the same address there is nothing but the device to tell them apart by.
    passing(|n| limits.sign_in(home, &format!("ghost-{n}"), true).map(drop));
    assert!(limits.sign_in(home, "wren", true).is_err());
    let device = SessionId(Uuid::from_u128(1));
    let wren = UserId(Uuid::from_u128(1));
    assert_about(passing(|_| limits.sign_in_by_device(wren, device)), SIGN_INS_OF_DEVICE);
    // Each sign-in is a device for the next one.
    let oak = UserId(Uuid::from_u128(2));
    let devices = |n: u32| SessionId(Uuid::from_u128(100 + u128::from(n)));
    let chained = passing(|n| limits.sign_in_by_device(oak, devices(n)));
    assert_about(chained, SIGN_INS_BY_DEVICES);
}

#[test]
fn who_has_many_networks_of_ipv6_is_still_one() {
    let limits = RateLimits::new(1);
    let from = |n: u32| address(&format!("2001:db8:0:{n:x}::1"));
    let names = passing(|n| within(limits.sign_in(from(n), &format!("name-{n}"), false)));
    assert_about(names, SIGN_INS_OF_NETWORK * WIDE);
    let late = passing(|n| limits.sign_in(from(n), &format!("late-{n}"), false).map(drop));
    assert_about(late, LATE_SIGN_INS * WIDE - 1);
    let other = |n: u32| address(&format!("2001:db8:1:{n:x}::1"));
    let one = passing(|n| within(limits.sign_in(other(n), "wren", false)));
    assert_about(one, SIGN_INS_OF_ACCOUNT);
}

#[test]
fn members_are_counted_and_not_the_groups_that_they_come_into() {
    let limits = RateLimits::new(1000);
    let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
    assert_eq!(passing(|_| limits.members(wren, 501)), 3);
    let refused = ErrorBody::from(limits.members(wren, 501).unwrap_err());
    assert_eq!(refused.code, ErrorCode::Rate);
    assert!(refused.retry_after_ms.is_some_and(|ms| ms > 1000), "{refused:?}");
    assert_about(passing(|_| limits.members(wren, 1)), MEMBERS_OF_ACCOUNT - 3 * 501);
    limits.members(oak, 501).unwrap();
    assert!(limits.members(oak, 100_000).is_err());
}

#[test]
fn names_told_on_an_open_server_are_few() {
    let limits = RateLimits::new(1);
    let one = network("192.0.2.1");
    assert_about(passing(|_| limits.open_registration(one)), REGISTRATIONS_OF_NETWORK);
}

#[test]
fn what_is_kept_does_not_grow_with_what_was_said_and_is_forgotten_in_time() {
    let limits = RateLimits::new(1000);
    let name = "x".repeat(500 * 1024);
    within(limits.sign_in(address("192.0.2.1"), &name, false)).unwrap();
    for n in 0..1000_u128 {
        limits.account(UserId(Uuid::from_u128(n))).unwrap();
    }
    let buckets = limits.buckets().unwrap();
    assert_eq!(buckets.of_account.buckets.len(), 1000);
    // A millisecond later each of them is full again.
    while !buckets.of_account.buckets.is_empty() {
        limits.sweep();
    }
    assert_eq!(buckets.sign_ins_of_pair.buckets.len(), 1, "not full before seconds are over");
}
