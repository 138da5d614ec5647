//! Long work over the wire (SEP-2663): a handle in place of the result, and the three requests about it.

use std::sync::Arc;

use jiff::Timestamp;
use rmcp::model::{
    ClientCapabilities, CreateTaskResult, DetailedTask, GetTaskResult, InputResponses, JsonObject, ProtocolVersion,
    Task, TaskPayload, TaskStatus,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};

use super::{Handler, protocol_error};
use crate::clock::UnixMillis;
use crate::error::{Error, ErrorCode, Result};
use crate::tool::{Call, Job, Stage, Started, Surface, TaskDesk, TaskView, unknown_task};

/// The job that a call is, if its tool is long and its client, of this protocol era, knows what a task is.
pub(super) fn job<'a>(
    handler: &'a Handler,
    context: &RequestContext<RoleServer>,
    (surface, call): (&Surface, &Call),
    name: &str,
) -> Option<(&'a TaskDesk, Job)> {
    let desk = handler.dispatch.desk()?;
    let job = handler.server.tools.long(surface, &call.caller, name)?;
    context.protocol_version().filter(|version| *version >= ProtocolVersion::V_2026_07_28)?;
    let client = context.client_capabilities().filter(ClientCapabilities::supports_tasks)?;
    let job = Job { may_ask: client.elicitation.is_some(), ..job };
    Some((desk, job))
}

/// Hands a call in.
pub(super) async fn start(
    handler: &Handler,
    (desk, job): (&TaskDesk, Job),
    (surface, call): (&Surface, Call),
    (name, arguments): (String, JsonObject),
) -> Result<Started> {
    let (server, dispatch, surface) = (Arc::clone(&handler.server), Arc::clone(&handler.dispatch), surface.clone());
    let work = move |call: Call| async move {
        let outcome = dispatch.run(&server.tools, &surface, &call, &name, arguments).await;
        outcome.unwrap_or_else(|_| Err(Error::new(ErrorCode::NotFound, "there is no such tool")))
    };
    desk.start(call, job, work).await
}

/// The handle that a client gets in place of a result.
pub(super) fn handle(handler: &Handler, context: &RequestContext<RoleServer>, task: &TaskView) -> CreateTaskResult {
    let mut result = CreateTaskResult::new(metadata(task));
    result.meta = handler.stamp(context);
    result
}

/// `tasks/get`.
pub(super) async fn get(
    handler: &Handler,
    context: &RequestContext<RoleServer>,
    task_id: &str,
) -> Result<GetTaskResult, ErrorData> {
    let task = about(handler, context, ("tasks/get", task_id), |_, _| std::future::ready(Ok(()))).await?;
    let mut result = GetTaskResult::new(DetailedTask::new(metadata(&task), payload(&task)?));
    result.meta = handler.stamp(context);
    Ok(result)
}

/// `tasks/update`: answers to what the task asked.
pub(super) async fn update(
    handler: &Handler,
    context: &RequestContext<RoleServer>,
    (task_id, responses): (&str, InputResponses),
) -> Result<(), ErrorData> {
    let given = responses.into_iter().collect();
    let answer = async |desk: TaskDesk, call: Call| desk.answer(&call.caller, task_id, &given).await;
    about(handler, context, ("tasks/update", task_id), answer).await.map(drop)
}

/// `tasks/cancel`.
pub(super) async fn cancel(
    handler: &Handler,
    context: &RequestContext<RoleServer>,
    task_id: &str,
) -> Result<(), ErrorData> {
    let cancel = async |desk: TaskDesk, call: Call| desk.cancel(&call.caller, task_id).await;
    about(handler, context, ("tasks/cancel", task_id), cancel).await.map(drop)
}

/// Finds a task that the caller may know of, then does something about it. A task of a tool that the request does not
/// see (another server's, a hidden toolset's) is as unknown as one that never was.
async fn about<W: Future<Output = Result<()>>>(
    handler: &Handler,
    context: &RequestContext<RoleServer>,
    (method, task_id): (&'static str, &str),
    act: impl FnOnce(TaskDesk, Call) -> W,
) -> Result<TaskView, ErrorData> {
    let (call, surface) = (handler.call(context)?, handler.surface(context));
    let work = async {
        let desk = handler.dispatch.desk().ok_or_else(unknown_task)?;
        let task = desk.get(&call.caller, task_id).await?;
        if !handler.server.tools.names(&surface, &call.caller).contains(&task.tool.as_str()) {
            return Err(unknown_task());
        }
        act(desk.clone(), call.clone()).await?;
        Ok(task)
    };
    let found = handler.dispatch.read(&call, method, &[("task", task_id)], work).await;
    // An unknown task is a wrong parameter (SEP-2663).
    found.map_err(|error| match error.code() {
        ErrorCode::NotFound => ErrorData::invalid_params(error.to_string(), None),
        _ => protocol_error(&error),
    })
}

fn metadata(task: &TaskView) -> Task {
    let status = match task.stage {
        Stage::Working => TaskStatus::Working,
        Stage::InputRequired(_) => TaskStatus::InputRequired,
        Stage::Completed(_) => TaskStatus::Completed,
        Stage::Failed(_) => TaskStatus::Failed,
        Stage::Cancelled => TaskStatus::Cancelled,
    };
    let mut metadata = Task::new(&task.id, status, iso(task.created_at_ms), iso(task.updated_at_ms))
        .with_ttl_ms(task.ttl_ms)
        .with_poll_interval_ms(task.poll_interval_ms);
    metadata.status_message.clone_from(&task.status_message);
    metadata
}

fn payload(task: &TaskView) -> Result<TaskPayload, ErrorData> {
    Ok(match &task.stage {
        Stage::Working => TaskPayload::Working,
        Stage::InputRequired(questions) => {
            let input_requests = serde_json::from_value(questions.clone().into());
            let input_requests = input_requests.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
            TaskPayload::InputRequired { input_requests }
        }
        Stage::Completed(result) => TaskPayload::Completed { result: result.clone() },
        Stage::Failed(error) => TaskPayload::Failed { error: error.clone() },
        Stage::Cancelled => TaskPayload::Cancelled,
    })
}

/// ISO 8601 in UTC.
fn iso(at_ms: UnixMillis) -> String {
    Timestamp::from_millisecond(at_ms).unwrap_or_default().to_string()
}
