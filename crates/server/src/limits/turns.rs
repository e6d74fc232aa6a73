//! Turns at expensive work. Only a few have one at a time; the others wait, known people before strangers, and
//! within both fairly by network.

use super::network::Network;
use crate::error::ApiError;
use crate::lock::lock;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

/// The largest number of those who wait, of known people and of strangers each.
const WAITING: usize = 48;
/// After so many known people in a row it is a stranger's turn, if one waits.
const IN_A_ROW: usize = 3;

/// For whom expensive work is done.
#[derive(Debug, Clone, Copy)]
pub struct Asker {
    network: Network,
    is_known: bool,
}

impl Asker {
    /// Somebody who is signed in, or shows that they were, or is where somebody is.
    pub fn known(address: IpAddr) -> Self {
        Self { network: Network::from(address).wide(), is_known: true }
    }

    /// Anybody else.
    pub fn stranger(address: IpAddr) -> Self {
        Self { network: Network::from(address).wide(), is_known: false }
    }

    /// The command line on the server's own computer.
    pub fn command_line() -> Self {
        Self::known(Ipv4Addr::LOCALHOST.into())
    }
}

/// A number of turns, and the queues for them. Clones share them.
#[derive(Clone)]
pub struct Turns(Arc<Mutex<State>>);

struct State {
    free: usize,
    known: Queue,
    strangers: Queue,
    /// The number of known people who got a turn since a stranger last did.
    in_a_row: usize,
}

/// A turn, until dropped.
pub struct Turn(Option<Turns>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.0.take() {
            lock(&turns.0).free += 1;
            turns.hand_out();
        }
    }
}

impl Turns {
    /// Creates `many` turns.
    pub fn new(many: usize) -> Self {
        let (known, strangers) = (Queue::default(), Queue::default());
        Self(Arc::new(Mutex::new(State { free: many, known, strangers, in_a_row: 0 })))
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// Fails if too many wait: at once for somebody of the network that most of them are of, otherwise for the
    /// newest of those.
    pub async fn take(&self, asker: Asker) -> Result<Turn, ApiError> {
        let (called, waiting) = oneshot::channel();
        {
            let mut state = lock(&self.0);
            let queue = if asker.is_known { &mut state.known } else { &mut state.strangers };
            queue.enter(asker.network, called)?;
        }
        self.hand_out();
        waiting.await.map_err(|_| ApiError::overloaded())
    }

    /// Gives the free turns to those whose it is.
    fn hand_out(&self) {
        loop {
            let mut state = lock(&self.0);
            let next = if state.free > 0 { state.next() } else { None };
            let Some(next) = next else { return };
            state.free -= 1;
            drop(state);
            // A turn of somebody who hung up goes to the next one.
            if let Err(mut turn) = next.send(Turn(Some(self.clone()))) {
                turn.0 = None;
                lock(&self.0).free += 1;
            }
        }
    }

    /// Returns the number of free turns.
    #[cfg(test)]
    pub fn free(&self) -> usize {
        lock(&self.0).free
    }
}

impl State {
    fn next(&mut self) -> Option<Waiter> {
        let is_strangers = self.in_a_row >= IN_A_ROW;
        let known = if is_strangers { None } else { self.known.next() };
        if known.is_some() {
            self.in_a_row += 1;
            return known;
        }
        self.in_a_row = 0;
        self.strangers.next().or_else(|| self.known.next())
    }
}

type Waiter = oneshot::Sender<Turn>;

/// Those who wait, by network: each network has a turn before one of them has a second.
#[derive(Default)]
struct Queue(VecDeque<(Network, VecDeque<Waiter>)>);

impl Queue {
    fn next(&mut self) -> Option<Waiter> {
        let (network, mut waiting) = self.0.pop_front()?;
        let next = waiting.pop_front();
        if !waiting.is_empty() {
            self.0.push_back((network, waiting));
        }
        next
    }

    fn enter(&mut self, network: Network, waiter: Waiter) -> Result<(), ApiError> {
        if self.many() >= WAITING {
            self.forget_gone();
        }
        if self.many() >= WAITING {
            let own = self.0.iter().find(|(one, _)| *one == network);
            let own = own.map_or(0, |(_, waiting)| waiting.len());
            let largest = self.0.iter_mut().max_by_key(|(_, waiting)| waiting.len());
            let largest = largest.filter(|(_, waiting)| waiting.len() > own + 1);
            let (_, largest) = largest.ok_or_else(ApiError::overloaded)?;
            largest.pop_back();
        }
        match self.0.iter_mut().find(|(one, _)| *one == network) {
            Some((_, waiting)) => waiting.push_back(waiter),
            None => self.0.push_back((network, [waiter].into())),
        }
        Ok(())
    }

    fn many(&self) -> usize {
        self.0.iter().map(|(_, waiting)| waiting.len()).sum()
    }

    fn forget_gone(&mut self) {
        for (_, waiting) in &mut self.0 {
            waiting.retain(|waiter| !waiter.is_closed());
        }
        self.0.retain(|(_, waiting)| !waiting.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use parlour_protocol::ErrorCode;
    use std::pin::Pin;

    type Waiting<'t> = Pin<Box<dyn Future<Output = Result<Turn, ApiError>> + Send + 't>>;

    fn address(n: usize) -> IpAddr {
        IpAddr::from([10, 0, u8::try_from(n).unwrap(), 1])
    }

    /// Lets somebody begin to wait.
    fn wait(turns: &Turns, asker: Asker) -> Waiting<'_> {
        let mut waiting: Waiting<'_> = Box::pin(turns.take(asker));
        assert!(waiting.as_mut().now_or_never().is_none(), "it is nobody's turn yet");
        waiting
    }

    /// Returns the one of `waiting` whose turn it is when a turn becomes free.
    fn next(
        turn: &mut Option<Turn>,
        waiting: &mut Vec<(&'static str, Waiting<'_>)>,
    ) -> &'static str {
        drop(turn.take());
        let called = waiting.iter_mut().position(|(_, waiting)| {
            *turn = waiting.as_mut().now_or_never().map(Result::unwrap);
            turn.is_some()
        });
        waiting.remove(called.expect("somebody's turn")).0
    }

    #[tokio::test]
    async fn known_people_do_not_wait_behind_strangers_and_strangers_not_for_ever() {
        let turns = Turns::new(1);
        let mut turn = Some(turns.take(Asker::stranger(address(0))).await.unwrap());
        let mut waiting = Vec::new();
        for n in 1..4 {
            waiting.push(("stranger", wait(&turns, Asker::stranger(address(n)))));
        }
        for n in 4..9 {
            waiting.push(("known", wait(&turns, Asker::known(address(n)))));
        }
        let order: Vec<_> = (0..8).map(|_| next(&mut turn, &mut waiting)).collect();
        let expected = "known known known stranger known known stranger stranger";
        assert_eq!(order.join(" "), expected);
    }

    #[tokio::test]
    async fn a_network_with_many_strangers_delays_itself_and_makes_room_for_others() {
        let turns = Turns::new(1);
        let mut turn = Some(turns.take(Asker::stranger(address(0))).await.unwrap());
        let mut waiting = Vec::new();
        for _ in 0..WAITING {
            waiting.push(("many", wait(&turns, Asker::stranger(address(1)))));
        }
        let refused = turns.take(Asker::stranger(address(1))).await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::Overloaded);
        waiting.push(("one", wait(&turns, Asker::stranger(address(2)))));
        // The newest of the many made room.
        let (_, displaced) = waiting.remove(WAITING - 1);
        assert_eq!(displaced.await.err().unwrap().code, ErrorCode::Overloaded);
        assert_eq!(next(&mut turn, &mut waiting), "many");
        assert_eq!(next(&mut turn, &mut waiting), "one");
    }

    #[tokio::test]
    async fn who_hangs_up_neither_keeps_a_place_nor_a_turn() {
        let turns = Turns::new(1);
        let turn = turns.take(Asker::known(address(0))).await.unwrap();
        for _ in 0..3 * WAITING {
            drop(wait(&turns, Asker::stranger(address(1))));
        }
        drop(turn);
        assert_eq!(turns.free(), 1);
    }
}
