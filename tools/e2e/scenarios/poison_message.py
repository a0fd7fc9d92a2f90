"""A message that nobody can read comes with good ones: they go through, and it ends in the dead-letter queue."""

import json

from fleet import Event
from made_events import task_event
from waiting import until
from world import World

ALERT = 30  # seconds
DEAD = 60  # seconds; ten tries, a second or two apart
POISON = '{"detail-type": "ECS Task State Change", "detail": {"lastStatus": "STOP'
CRASH = "essential-container-exited--service-exit-1"


def send_in_one_batch(world: World, bodies: list[str]) -> None:
    """Put messages into task-monitor's queue while nobody takes any, then let them be taken together."""
    functions, sqs = world.client("lambda"), world.client("sqs")
    name = world.name_of("TaskMonitorFunction")
    (mapping,) = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], mapping
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(bodies)]
    sent = sqs.send_message_batch(QueueUrl=world.name_of("TaskMonitorQueue"), Entries=entries)
    assert len(sent["Successful"]) == len(bodies), sent
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def dead_letters(world: World) -> list[str]:
    """Take what is in task-monitor's dead-letter queue."""
    reply = world.client("sqs").receive_message(
        QueueUrl=world.name_of("TaskMonitorDeadLetterQueue"), MaxNumberOfMessages=10)
    return [message["Body"] for message in reply.get("Messages", [])]


def run(world: World) -> None:
    """Tell the story."""
    sqs, queue = world.client("sqs"), world.name_of("TaskMonitorQueue")
    # Ten tries at three minutes each would take half an hour.
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "2"})
    good: list[Event] = [task_event(CRASH, service, "harbor") for service in ("before-it", "behind-it")]
    for at, event in enumerate(good):
        event["id"] = f"e2e00000-0000-4000-8000-00000000000{at}"
    send_in_one_batch(world, [json.dumps(good[0]), POISON, json.dumps(good[1])])
    for event in good:
        task = event["detail"]["taskArn"]
        world.alerts.take(f"of {event['detail']['group']}", lambda one, task=task: one.body["taskArn"] == task, ALERT)
    unreadable = world.alerts.take("unreadable-event", lambda one: one.body["cause"] == "unreadable-event", ALERT)
    assert unreadable.body["severity"] == "medium" and "cluster" not in unreadable.attributes, unreadable
    dead = until("the poison is in the dead-letter queue", lambda: dead_letters(world), DEAD)
    assert dead == [POISON], dead
    invocations = {row["fate"] for event in good
                   for row in world.logs["task-monitor"].told("judged", event_id=event["id"])}
    assert invocations == {"alert"}, f"a good message came again: {invocations}"
    # Told once, though it was tried ten times.
    world.alerts.none_left()
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "180"})
