//! A semaphore for expensive work, with fair queues: requesters from known addresses come first, and within each
//! queue all networks have the same share.

use super::network::Network;
use crate::error::ApiError;
use crate::lock::lock;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

/// The largest length of each queue.
const MAX_WAITING: usize = 48;
/// After this many known requesters in a row, an unknown one gets a permit, if one is waiting.
const MAX_KNOWN_IN_A_ROW: usize = 3;

/// The requester of expensive work: their network, and whether their address is known.
#[derive(Debug, Clone, Copy)]
pub struct Requester {
    network: Network,
    is_known: bool,
}

impl Requester {
    /// Creates a requester who is or was signed in, or whose address is known.
    pub fn known(address: IpAddr) -> Self {
        Self { network: Network::from(address).wide(), is_known: true }
    }

    /// Creates a requester from an unknown address.
    pub fn unknown(address: IpAddr) -> Self {
        Self { network: Network::from(address).wide(), is_known: false }
    }

    /// Creates the requester for the command line.
    pub fn command_line() -> Self {
        Self::known(Ipv4Addr::LOCALHOST.into())
    }
}

/// A semaphore with fair queues. Clones share its permits.
#[derive(Clone)]
pub struct FairSemaphore(Arc<Mutex<State>>);

struct State {
    available: usize,
    known: Queue,
    unknown: Queue,
    /// The number of known requesters who got a permit since an unknown one did.
    in_a_row: usize,
}

/// A permit, until dropped.
pub struct FairPermit(Option<FairSemaphore>);

impl Drop for FairPermit {
    fn drop(&mut self) {
        if let Some(semaphore) = self.0.take() {
            lock(&semaphore.0).available += 1;
            semaphore.grant();
        }
    }
}

impl FairSemaphore {
    /// Creates `count` turns.
    pub fn new(count: usize) -> Self {
        let (known, unknown) = (Queue::default(), Queue::default());
        Self(Arc::new(Mutex::new(State { available: count, known, unknown, in_a_row: 0 })))
    }

    /// Waits for a permit.
    ///
    /// # Errors
    /// Fails if too many are waiting: at once for a requester of the network with the most of them; for other
    /// requesters, the newest one of that network fails instead.
    pub async fn acquire(&self, requester: Requester) -> Result<FairPermit, ApiError> {
        let (sender, receiver) = oneshot::channel();
        {
            let mut state = lock(&self.0);
            let queue = if requester.is_known { &mut state.known } else { &mut state.unknown };
            queue.push(requester.network, sender)?;
        }
        self.grant();
        receiver.await.map_err(|_| ApiError::overloaded())
    }

    /// Gives the available permits to the next requesters.
    fn grant(&self) {
        loop {
            let mut state = lock(&self.0);
            let next = if state.available > 0 { state.next() } else { None };
            let Some(next) = next else { return };
            state.available -= 1;
            drop(state);
            // The permit of a cancelled request goes to the next one.
            if let Err(mut permit) = next.send(FairPermit(Some(self.clone()))) {
                permit.0 = None;
                lock(&self.0).available += 1;
            }
        }
    }

    /// Returns the number of available permits.
    #[cfg(test)]
    pub fn available(&self) -> usize {
        lock(&self.0).available
    }
}

impl State {
    fn next(&mut self) -> Option<Waiter> {
        let is_turn_of_unknown = self.in_a_row >= MAX_KNOWN_IN_A_ROW;
        let known = if is_turn_of_unknown { None } else { self.known.next() };
        if known.is_some() {
            self.in_a_row += 1;
            return known;
        }
        self.in_a_row = 0;
        self.unknown.next().or_else(|| self.known.next())
    }
}

type Waiter = oneshot::Sender<FairPermit>;

/// The waiting requesters by network, which get permits in rotation.
#[derive(Default)]
struct Queue(VecDeque<(Network, VecDeque<Waiter>)>);

impl Queue {
    fn next(&mut self) -> Option<Waiter> {
        let (network, mut receiver) = self.0.pop_front()?;
        let next = receiver.pop_front();
        if !receiver.is_empty() {
            self.0.push_back((network, receiver));
        }
        next
    }

    fn push(&mut self, network: Network, waiter: Waiter) -> Result<(), ApiError> {
        if self.count() >= MAX_WAITING {
            self.remove_cancelled();
        }
        if self.count() >= MAX_WAITING {
            let own_count = self.0.iter().find(|(one, _)| *one == network);
            let own_count = own_count.map_or(0, |(_, receiver)| receiver.len());
            let largest = self.0.iter_mut().max_by_key(|(_, receiver)| receiver.len());
            let largest = largest.filter(|(_, receiver)| receiver.len() > own_count + 1);
            let (_, largest) = largest.ok_or_else(ApiError::overloaded)?;
            largest.pop_back();
        }
        match self.0.iter_mut().find(|(one, _)| *one == network) {
            Some((_, receiver)) => receiver.push_back(waiter),
            None => self.0.push_back((network, [waiter].into())),
        }
        Ok(())
    }

    fn count(&self) -> usize {
        self.0.iter().map(|(_, receiver)| receiver.len()).sum()
    }

    fn remove_cancelled(&mut self) {
        for (_, receiver) in &mut self.0 {
            receiver.retain(|waiter| !waiter.is_closed());
        }
        self.0.retain(|(_, receiver)| !receiver.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use parlour_protocol::ErrorCode;
    use std::pin::Pin;

    type Waiting<'t> = Pin<Box<dyn Future<Output = Result<FairPermit, ApiError>> + Send + 't>>;

    fn address(n: usize) -> IpAddr {
        IpAddr::from([10, 0, u8::try_from(n).unwrap(), 1])
    }

    /// Starts to wait for a permit.
    fn wait(semaphore: &FairSemaphore, requester: Requester) -> Waiting<'_> {
        let mut receiver: Waiting<'_> = Box::pin(semaphore.acquire(requester));
        assert!(receiver.as_mut().now_or_never().is_none(), "no permit is available yet");
        receiver
    }

    /// Returns the one of `receiver` whose turn it is when a turn becomes free.
    fn next(
        permit: &mut Option<FairPermit>,
        receiver: &mut Vec<(&'static str, Waiting<'_>)>,
    ) -> &'static str {
        drop(permit.take());
        let granted = receiver.iter_mut().position(|(_, receiver)| {
            *permit = receiver.as_mut().now_or_never().map(Result::unwrap);
            permit.is_some()
        });
        receiver.remove(granted.expect("a requester with a permit")).0
    }

    #[tokio::test]
    async fn known_requesters_come_first_but_unknown_ones_do_not_starve() {
        let semaphore = FairSemaphore::new(1);
        let mut permit = Some(semaphore.acquire(Requester::unknown(address(0))).await.unwrap());
        let mut receiver = Vec::new();
        for n in 1..4 {
            receiver.push(("stranger", wait(&semaphore, Requester::unknown(address(n)))));
        }
        for n in 4..9 {
            receiver.push(("known", wait(&semaphore, Requester::known(address(n)))));
        }
        let order: Vec<_> = (0..8).map(|_| next(&mut permit, &mut receiver)).collect();
        let expected = "known known known stranger known known stranger stranger";
        assert_eq!(order.join(" "), expected);
    }

    #[tokio::test]
    async fn a_network_with_many_requesters_delays_only_itself() {
        let semaphore = FairSemaphore::new(1);
        let mut permit = Some(semaphore.acquire(Requester::unknown(address(0))).await.unwrap());
        let mut receiver = Vec::new();
        for _ in 0..MAX_WAITING {
            receiver.push(("many", wait(&semaphore, Requester::unknown(address(1)))));
        }
        let refused = semaphore.acquire(Requester::unknown(address(1))).await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::Overloaded);
        receiver.push(("one", wait(&semaphore, Requester::unknown(address(2)))));
        // The newest request of the large network was refused instead.
        let (_, displaced) = receiver.remove(MAX_WAITING - 1);
        assert_eq!(displaced.await.err().unwrap().code, ErrorCode::Overloaded);
        assert_eq!(next(&mut permit, &mut receiver), "many");
        assert_eq!(next(&mut permit, &mut receiver), "one");
    }

    #[tokio::test]
    async fn a_cancelled_request_keeps_neither_a_place_in_the_queue_nor_a_permit() {
        let semaphore = FairSemaphore::new(1);
        let permit = semaphore.acquire(Requester::known(address(0))).await.unwrap();
        for _ in 0..3 * MAX_WAITING {
            drop(wait(&semaphore, Requester::unknown(address(1))));
        }
        drop(permit);
        assert_eq!(semaphore.available(), 1);
    }
}
