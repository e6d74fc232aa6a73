//! The steps of a device's sync: the real ones, one after the other; the process may crash between them.

use super::{Client, NetworkRequest, StepEnv};
use parlour_client::step::{Request, Task};
use parlour_protocol::ErrorCode;
use parlour_sync::Input;

impl Client {
    /// Takes the step for an input, and those that follow from it.
    pub fn handle(&mut self, input: Input, env: &mut StepEnv<'_>) -> Vec<NetworkRequest> {
        if self.is_alive() {
            self.inputs.push_back(input);
        }
        self.run_pending(env)
    }

    /// Takes the steps for the inputs that are pending, such as those from the session.
    pub fn run_pending(&mut self, env: &mut StepEnv<'_>) -> Vec<NetworkRequest> {
        let mut outgoing = Vec::new();
        while !self.is_paused
            && let Some(syncer) = &mut self.syncer
        {
            let next = self.inputs.pop_front().or_else(|| self.session_inputs.try_recv().ok());
            let Some(input) = next else { break };
            let started =
                syncer.handle(input, env.now - self.started_at).map_err(|error| error.code());
            self.finish(started, env, &mut outgoing);
        }
        outgoing
    }

    /// Restarts the sync after its files failed.
    pub fn restart(&mut self, env: &mut StepEnv<'_>) -> Vec<NetworkRequest> {
        let mut outgoing = Vec::new();
        if let Some(syncer) = &mut self.syncer {
            self.is_paused = false;
            let started = syncer.restart(env.now - self.started_at).map_err(|error| error.code());
            self.finish(started, env, &mut outgoing);
            outgoing.extend(self.run_pending(env));
        }
        outgoing
    }

    /// Performs the tasks of a step, as the driver does.
    fn finish(
        &mut self,
        started: Result<(), ErrorCode>,
        env: &mut StepEnv<'_>,
        outgoing: &mut Vec<NetworkRequest>,
    ) {
        let result = started.and_then(|()| self.tasks(env, outgoing));
        if self.is_alive() {
            self.take_report(env);
        }
        if result.is_err() {
            self.is_paused = true;
            outgoing.push(NetworkRequest::Pause);
        }
    }

    fn tasks(
        &mut self,
        env: &mut StepEnv<'_>,
        outgoing: &mut Vec<NetworkRequest>,
    ) -> Result<(), ErrorCode> {
        while let Some(syncer) = &mut self.syncer {
            self.has_stalled |= syncer.engine().stalls() > 0;
            let Some(task) = syncer.next_task().map_err(|error| error.code())? else { break };
            if env.crashes() {
                self.crash(env.bug);
                break;
            }
            match task {
                Task::Write(write) => self.write(&write, env)?,
                Task::Request(request) => self.request(request, env, outgoing),
            }
        }
        Ok(())
    }

    fn request(
        &mut self,
        request: Request,
        env: &mut StepEnv<'_>,
        outgoing: &mut Vec<NetworkRequest>,
    ) {
        match request {
            Request::Connect => {
                if let Some(notifications) = &mut self.notifications {
                    notifications.connect(env.bug, env.now);
                }
                self.connect(outgoing);
            }
            Request::Reconnect => {
                self.cancel_all(env, outgoing);
                self.connect(outgoing);
            }
            Request::Ping(number) => outgoing.push(NetworkRequest::Ping(number)),
            Request::Call(call) => self.start_call(call, env, outgoing),
            Request::WakeAt(at) => self.wake_at = Some(self.started_at + at),
            Request::ReportConnection(_) => {}
            Request::Abandon => {
                self.pending.clear();
                outgoing.push(NetworkRequest::HangUp);
            }
        }
    }

    fn connect(&mut self, outgoing: &mut Vec<NetworkRequest>) {
        self.attempts += 1;
        outgoing.push(NetworkRequest::Connect(self.attempts));
    }
}
