//! The steps of a device's sync: the real ones, one after the other, each of which may be the last.

use super::{Client, Moment, Want};
use parlour_client::step::{Request, Task};
use parlour_protocol::ErrorCode;
use parlour_sync::Input;

impl Client {
    /// Takes the step for an input, and those that follow from it.
    pub fn hear(&mut self, input: Input, moment: &mut Moment<'_>) -> Vec<Want> {
        if self.is_alive() {
            self.heard.push_back(input);
        }
        self.go_on(moment)
    }

    /// Takes the steps for the inputs that are pending, such as those from the session.
    pub fn go_on(&mut self, moment: &mut Moment<'_>) -> Vec<Want> {
        let mut wants = Vec::new();
        while !self.is_paused
            && let Some(syncer) = &mut self.syncer
        {
            let heard = self.heard.pop_front().or_else(|| self.said.try_recv().ok());
            let Some(input) = heard else { break };
            let begun = syncer.hear(input, moment.now - self.began).map_err(|error| error.code());
            self.finish(begun, moment, &mut wants);
        }
        wants
    }

    /// Restarts the sync after its files failed.
    pub fn begin_again(&mut self, moment: &mut Moment<'_>) -> Vec<Want> {
        let mut wants = Vec::new();
        if let Some(syncer) = &mut self.syncer {
            self.is_paused = false;
            let begun = syncer.restart(moment.now - self.began).map_err(|error| error.code());
            self.finish(begun, moment, &mut wants);
            wants.extend(self.go_on(moment));
        }
        wants
    }

    /// Performs the tasks of a step, as the driver does.
    fn finish(
        &mut self,
        begun: Result<(), ErrorCode>,
        moment: &mut Moment<'_>,
        wants: &mut Vec<Want>,
    ) {
        if begun.and_then(|()| self.tasks(moment, wants)).is_err() {
            self.is_paused = true;
            wants.push(Want::Pause);
        }
    }

    fn tasks(&mut self, moment: &mut Moment<'_>, wants: &mut Vec<Want>) -> Result<(), ErrorCode> {
        while let Some(syncer) = &mut self.syncer {
            self.stood_still |= syncer.engine().stalls() > 0;
            let Some(task) = syncer.next_task().map_err(|error| error.code())? else { break };
            if moment.dies() {
                self.die(moment.bug);
                break;
            }
            match task {
                Task::Write(write) => self.write(&write, moment)?,
                Task::Request(request) => self.request(request, moment, wants),
            }
        }
        Ok(())
    }

    fn request(&mut self, request: Request, moment: &mut Moment<'_>, wants: &mut Vec<Want>) {
        match request {
            Request::Connect => self.connect(wants),
            Request::ConnectAnew => {
                self.cancel_all(moment, wants);
                self.connect(wants);
            }
            Request::Ping(number) => wants.push(Want::Ping(number)),
            Request::Ask(ask) => self.ask(ask, moment, wants),
            Request::WakeAt(at) => self.wake_at = Some(self.began + at),
            Request::Connection(_) => {}
            Request::Abandon => {
                self.asked.clear();
                wants.push(Want::HangUp);
            }
        }
    }

    fn connect(&mut self, wants: &mut Vec<Want>) {
        self.tries += 1;
        wants.push(Want::Connect(self.tries));
    }
}
