//! How tasks and runs fail, how what is under way is given up, and how steps are undone.

use common::error::Result;

use super::command::{Command, Ending, StepStatus};
use super::doing::{Doing, Stage};
use super::input::Failure;
use super::machine::{Line, Machine};
use super::state::{End, Origin, Phase, Running, Thread};
use super::trace;
use super::trying::catches_in;
use crate::run::StepId;
use crate::workflow::task::Task;

impl Machine<'_> {
    /// A thread's innermost task has failed: the innermost `try` that catches it goes on, or the run has failed.
    pub(super) fn fail(&mut self, number: u32, mut failure: Failure) -> Result<()> {
        let task = self.task(number)?;
        failure.instance.get_or_insert_with(|| task.pointer.clone());
        self.note_failure(number, task, &failure)?;
        let Some((catcher, depth, caught)) = self.catcher(number, &failure)? else {
            return self.fail_run(Some(number), failure);
        };
        self.cut(catcher, depth.saturating_add(1))?;
        let outcome = caught.and_then(|()| self.caught(catcher, failure));
        self.settle(catcher, outcome)
    }

    /// A thread's innermost task has gone beyond a limit: no `try` catches that.
    pub(super) fn fail_for_good(&mut self, number: u32, mut failure: Failure) -> Result<()> {
        let task = self.task(number)?;
        failure.instance.get_or_insert_with(|| task.pointer.clone());
        self.note_failure(number, task, &failure)?;
        self.fail_run(Some(number), failure)
    }

    fn note_failure(&mut self, number: u32, task: &Task, failure: &Failure) -> Result<()> {
        let said = trace::line(&format!("failed: {}", trace::failure(failure)));
        self.note(number, task, Line { failure: Some(failure.clone()), ..Line::new(StepStatus::Failed, said) })
    }

    /// A task's time is up: everything within it is given up.
    pub(super) fn time_out(&mut self, number: u32, depth: usize) -> Result<()> {
        self.cut(number, depth.saturating_add(1))?;
        self.release_leaf(number, false)?;
        if let Some(timer) = self.running_mut(number)?.timeout.take() {
            self.forget(timer.wait);
        }
        let title = format!("`{}` took longer than it may", self.task(number)?.name);
        self.fail(number, Failure::timeout(title))
    }

    /// The time of an attempt is up: what is tried has failed.
    pub(super) fn time_out_attempt(&mut self, number: u32, depth: usize) -> Result<()> {
        self.cut(number, depth.saturating_add(1))?;
        let task = self.task(number)?;
        let mut failure = Failure::timeout(format!("the attempt at `{}` took longer than it may", task.name));
        failure.instance = Some(task.pointer.clone());
        let around = self.surroundings(number, task)?;
        let outcome = match catches_in(around, &failure) {
            Ok(true) => self.caught(number, failure),
            Ok(false) => Err(failure.into()),
            Err(failure) => Err(failure.into()),
        };
        self.settle(number, outcome)
    }

    /// The run has failed. What it has been through stays, so that it can be taken up again.
    pub(super) fn fail_run(&mut self, number: Option<u32>, failure: Failure) -> Result<()> {
        if matches!(self.state.phase, Phase::Undoing(_)) {
            return self.undoing_failed(number, &failure);
        }
        self.release_all()?;
        for thread in &mut self.state.threads {
            let Some(level) = thread.levels.last_mut() else { continue };
            let is_fork = matches!(level.task.as_deref(), Some(Running { doing: Doing::Fork(_), .. }));
            if !is_fork || number == Some(thread.number) {
                level.task = None;
            }
        }
        self.state.frozen = std::mem::take(&mut self.state.threads);
        self.undo_or_end(End::Failed { failure: Box::new(failure), thread: number, undone: Vec::new() });
        Ok(())
    }

    /// The run is to end now.
    pub(super) fn cancel(&mut self, reason: String) -> Result<()> {
        match self.state.phase {
            Phase::Undoing(_) | Phase::Ended(_) => return Ok(()),
            Phase::New | Phase::Going => {}
        }
        self.release_all()?;
        self.state.threads.clear();
        self.undo_or_end(End::Cancelled { reason });
        Ok(())
    }

    // Giving up what is under way.

    /// Gives up all that waits for the outside, everywhere.
    pub(super) fn release_all(&mut self) -> Result<()> {
        let numbers: Vec<_> = self.state.threads.iter().map(|thread| thread.number).collect();
        for number in numbers {
            self.release_leaf(number, true)?;
            let depth = self.thread(number)?.levels.len();
            for depth in 0..depth {
                self.release_timers(number, depth)?;
            }
        }
        Ok(())
    }

    /// Gives up the levels of a thread from one on, with the branches that hang on them.
    pub(super) fn cut(&mut self, number: u32, keep: usize) -> Result<()> {
        while self.thread(number)?.levels.len() > keep {
            self.release_leaf(number, true)?;
            self.kill_branches(number)?;
            let innermost = self.thread(number)?.levels.len().saturating_sub(1);
            self.release_timers(number, innermost)?;
            self.thread_mut(number)?.levels.pop();
        }
        match self.thread(number)?.leaf() {
            Some(Running { doing: Doing::Fork(_), .. }) => self.kill_branches(number),
            _ => Ok(()),
        }
    }

    /// Gives up the branches of the fork that is a thread's innermost task.
    pub(super) fn kill_branches(&mut self, number: u32) -> Result<()> {
        let is_branch = |thread: &&Thread| matches!(thread.origin, Origin::Branch(parent, _) if parent == number);
        while let Some(branch) = self.state.threads.iter().find(is_branch).map(|thread| thread.number) {
            self.cut(branch, 0)?;
            self.state.threads.retain(|thread| thread.number != branch);
        }
        Ok(())
    }

    /// Gives up what a thread's innermost task waits for.
    fn release_leaf(&mut self, number: u32, says_so: bool) -> Result<()> {
        let Some(running) = self.thread(number)?.leaf() else { return Ok(()) };
        let waits = match &running.doing {
            Doing::Call(attempt) => {
                let attempt = *attempt;
                let step = self.step(number)?;
                self.commands.push(Command::Abandon { step, attempt });
                Vec::new()
            }
            Doing::Rest(wait) | Doing::Approval(wait) | Doing::Wait(wait) | Doing::Child(wait) => {
                vec![wait.clone()]
            }
            Doing::Listen(hearing) => hearing.waits.clone(),
            Doing::Try(trying) => match &trying.stage {
                Stage::Resting(wait) => vec![wait.clone()],
                Stage::Trying | Stage::Catching(_) => return Ok(()),
            },
            Doing::Now | Doing::Block | Doing::Loop(_) | Doing::Fork(_) => return Ok(()),
        };
        for wait in waits {
            self.forget(wait);
        }
        if says_so {
            let task = self.task(number)?;
            self.note(number, task, Line::new(StepStatus::Cancelled, "given up: it is not needed any more"))?;
        }
        self.running_mut(number)?.doing = Doing::Now;
        Ok(())
    }

    /// Forgets the timers of one of a thread's levels.
    fn release_timers(&mut self, number: u32, depth: usize) -> Result<()> {
        let level = self.thread_mut(number)?.levels.get_mut(depth);
        let Some(running) = level.and_then(|level| level.task.as_deref_mut()) else { return Ok(()) };
        let limit = match &mut running.doing {
            Doing::Try(trying) => trying.limit.take(),
            _ => None,
        };
        for timer in running.timeout.take().into_iter().chain(limit) {
            self.forget(timer.wait);
        }
        Ok(())
    }

    // Undoing.

    fn undo_or_end(&mut self, end: End) {
        if !self.state.undoable.is_empty() {
            self.state.generation = self.state.generation.saturating_add(1);
        }
        if let Some(timer) = self.state.timeout.take() {
            self.forget(timer.wait);
        }
        self.state.phase = Phase::Undoing(end);
        self.undo_next();
    }

    /// Undoes the step that ended last; without one, the run ends.
    fn undo_next(&mut self) {
        if let Some(undoable) = self.state.undoable.pop() {
            self.state.thread_next = self.state.thread_next.saturating_add(1);
            let data = undoable.output.clone();
            let thread = Thread::new(self.state.thread_next, Origin::Undo(Box::new(undoable)), data);
            self.state.threads.push(thread);
            return;
        }
        let Phase::Undoing(end) = std::mem::take(&mut self.state.phase) else { return };
        let ending = match &end {
            End::Failed { failure, .. } => Ending::Failed { failure: (**failure).clone() },
            End::Cancelled { reason } => Ending::Cancelled { reason: reason.clone() },
            End::Completed => return,
        };
        self.close(end, ending);
    }

    /// A step has been undone.
    pub(super) fn undone(&mut self, number: u32) {
        self.leave_undoing(number, StepStatus::Compensated, None);
    }

    /// What undoes a step has failed. The others are undone nevertheless.
    fn undoing_failed(&mut self, number: Option<u32>, failure: &Failure) -> Result<()> {
        let Some(mut number) = number else {
            self.undo_next();
            return Ok(());
        };
        while let Origin::Branch(parent, _) = self.thread(number)?.origin {
            number = parent;
        }
        self.cut(number, 0)?;
        self.leave_undoing(number, StepStatus::Failed, Some(failure));
        Ok(())
    }

    fn leave_undoing(&mut self, number: u32, status: StepStatus, failure: Option<&Failure>) {
        let index = self.state.threads.iter().position(|thread| thread.number == number);
        let Some(index) = index else { return };
        let Origin::Undo(undoable) = self.state.threads.swap_remove(index).origin else { return };
        let Some(task) = self.workflow.task_at(&undoable.pointer) else { return };
        if let Phase::Undoing(End::Failed { undone, failure: of_run, .. }) = &mut self.state.phase {
            undone.push(undoable.pointer.clone());
            if let Some(failure) = failure {
                let said = format!("`{}` could not be undone: {}", task.name, trace::failure(failure));
                of_run.detail = Some(match of_run.detail.take() {
                    Some(detail) => format!("{detail}; {said}"),
                    None => said,
                });
            }
        }
        let said = match failure {
            None => format!("undid `{}`", task.name),
            Some(failure) => format!("could not undo `{}`: {}", task.name, trace::failure(failure)),
        };
        self.note_undoing(
            &undoable.step,
            task,
            Line { failure: failure.cloned(), ..Line::new(status, trace::line(&said)) },
        );
        self.undo_next();
    }

    fn note_undoing(&mut self, step: &StepId, task: &Task, line: Line) {
        self.commands.push(Command::Note(Box::new(super::command::Note {
            step: StepId(format!("{}.u{}", step.0, self.state.generation)),
            pointer: task.pointer.clone(),
            name: task.name.clone(),
            kind: "compensate".to_owned(),
            attempt: self.state.attempts_before.saturating_add(1),
            status: line.status,
            summary: line.summary,
            input: None,
            output: None,
            failure: line.failure,
            began_ms: self.now_ms,
            ended_ms: Some(self.now_ms),
            next_ms: None,
        })));
    }
}
