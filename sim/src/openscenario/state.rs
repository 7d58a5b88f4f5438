//! States of storyboard elements and how they are reached (standard: "Storyboard element states and transitions").

/// State of an element.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not there yet.
    Init,
    /// Waits for its trigger.
    Standby,
    /// Runs.
    Running,
    /// Done.
    Complete,
}

/// How a state is reached.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// To waiting.
    ToStandby,
    /// To running.
    Start,
    /// To the regular end.
    End,
    /// To the end from outside.
    Stop,
    /// Not started because of its priority.
    Skip,
}

/// What an element went through.
#[derive(Clone, Debug, Default)]
pub struct Changes(pub Vec<(State, Transition)>);

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            State::Init => "initState",
            State::Standby => "standbyState",
            State::Running => "runningState",
            State::Complete => "completeState",
        }
    }
}

impl Transition {
    pub(super) fn word(self) -> &'static str {
        match self {
            Transition::ToStandby => "initToStandbyTransition",
            Transition::Start => "startTransition",
            Transition::End => "endTransition",
            Transition::Stop => "stopTransition",
            Transition::Skip => "skipTransition",
        }
    }
}
