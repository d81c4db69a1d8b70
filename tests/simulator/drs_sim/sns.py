"""Operations of SNS (query protocol)."""
import json
import uuid

from .errors import AwsError


# protocols whose endpoint must confirm (POST /_sim/subscriptions)
_ASK = ("email", "email-json", "http", "https")


def _topic(ctx, arn):
    """The topic of this account and region that an ARN names."""
    parts = (arn or "").split(":")
    if len(parts) != 6 or parts[2] != "sns":
        raise AwsError("InvalidParameter", "Invalid parameter: TopicArn "
                       f"Reason: {arn} is not an ARN of a topic", 400)
    if parts[3] != ctx.region.name:
        raise AwsError("InvalidParameter", "Invalid parameter: TopicArn",
                       400)
    account = ctx.world.accounts.get(parts[4])
    if account is not ctx.region.account:
        raise AwsError("AuthorizationError", f"User: {ctx.key.arn} is not "
                       f"authorized to perform this on {arn}", 403)
    if parts[5] not in ctx.region.topics:
        raise AwsError("NotFound", "Topic does not exist", 404)
    return parts[5]


def _passes(subscription, attributes):
    """Does the filter policy of a subscription let a message through?"""
    policy = json.loads(subscription["attributes"].get("FilterPolicy") or "{}")
    for name, allowed in policy.items():
        value = (attributes.get(name) or {}).get("StringValue")
        if value not in allowed:
            return False
    return True


def publish(ctx):
    params = ctx.params
    arn = params.get("TopicArn") or params.get("TargetArn")
    if not arn:
        raise AwsError("InvalidParameter", "Invalid parameter: TopicArn or "
                       "TargetArn Reason: no value for required parameter",
                       400)
    _topic(ctx, arn)
    message = params["Message"]
    if not message:
        raise AwsError("InvalidParameter", "Invalid parameter: Empty message",
                       400)
    if len(message.encode()) > 262144:
        raise AwsError("InvalidParameter", "Invalid parameter: Message too "
                       "long", 400)
    subject = params.get("Subject")
    if subject is not None and (not 0 < len(subject) < 100
                                or not subject.isprintable()):
        raise AwsError("InvalidParameter", "Invalid parameter: Subject", 400)
    if params.get("MessageStructure") == "json":
        try:
            if "default" not in json.loads(message):
                raise ValueError
        except (ValueError, TypeError):
            raise AwsError("InvalidParameter", "Invalid parameter: Message "
                           "Structure - No default entry in JSON message "
                           "body", 400) from None
    ident = str(uuid.uuid4())
    ctx.world.messages.append({
        "messageId": ident, "time": ctx.wall, "topicArn": arn,
        "account": ctx.region.account.id, "region": ctx.region.name,
        "subject": subject, "message": message, "messageStructure":
        params.get("MessageStructure"),
        "attributes": params.get("MessageAttributes") or {},
        "endpoints": sorted(
            s["Endpoint"] for s in ctx.region.subscriptions.values()
            if s["TopicArn"] == arn and s["confirmed"]
            and _passes(s, params.get("MessageAttributes") or {}))})
    ctx.result_id = ident
    return {"MessageId": ident}


def create_topic(ctx):
    name = ctx.params["Name"]
    ctx.region.topics.setdefault(name, {})
    return {"TopicArn": ctx.region.arn("sns", name)}


def list_topics(ctx):
    return {"Topics": [{"TopicArn": ctx.region.arn("sns", n)}
                       for n in sorted(ctx.region.topics)]}


def get_topic_attributes(ctx):
    arn = ctx.params["TopicArn"]
    name = _topic(ctx, arn)
    count = sum(1 for s in ctx.region.subscriptions.values()
                if s["TopicArn"] == arn)
    return {"Attributes": {"TopicArn": arn, "DisplayName": name,
                           "Owner": ctx.region.account.id,
                           "SubscriptionsConfirmed": str(count)}}


def subscribe(ctx):
    params = ctx.params
    _topic(ctx, params["TopicArn"])
    if not params.get("Endpoint"):
        raise AwsError("InvalidParameter", "Invalid parameter: Endpoint",
                       400)
    wanted = dict(params.get("Attributes") or {})
    for old in ctx.region.subscriptions.values():
        if (old["TopicArn"], old["Protocol"], old["Endpoint"]) != (
                params["TopicArn"], params["Protocol"], params["Endpoint"]):
            continue
        if wanted and old["attributes"] != wanted:
            raise AwsError("InvalidParameter", "Invalid parameter: Attributes "
                           "Reason: Subscription already exists with different "
                           "attributes", 400)
        return {"SubscriptionArn": old["SubscriptionArn"]}
    arn = f"{params['TopicArn']}:{uuid.uuid4()}"
    ctx.region.subscriptions[arn] = {
        "SubscriptionArn": arn, "Protocol": params["Protocol"],
        "Endpoint": params["Endpoint"], "Owner": ctx.region.account.id,
        "TopicArn": params["TopicArn"], "attributes": wanted,
        "confirmed": params["Protocol"] not in _ASK}
    shown = params.get("ReturnSubscriptionArn") or params[
        "Protocol"] not in _ASK
    return {"SubscriptionArn": arn if shown else "pending confirmation"}


def _subscription(ctx):
    arn = ctx.params["SubscriptionArn"]
    found = ctx.region.subscriptions.get(arn)
    if found is None:
        raise AwsError("NotFound", "Subscription does not exist", 404)
    if not found["confirmed"]:
        raise AwsError("InvalidParameter", "Invalid parameter: "
                       "SubscriptionArn Reason: it waits for confirmation",
                       400)
    return found


def _shown(subscription):
    """What a list tells about a subscription."""
    out = {k: v for k, v in subscription.items()
           if k not in ("attributes", "confirmed")}
    if not subscription["confirmed"]:
        out["SubscriptionArn"] = "PendingConfirmation"
    return out


def unsubscribe(ctx):
    if ctx.params["SubscriptionArn"] in ctx.region.subscriptions:
        _subscription(ctx)
    ctx.region.subscriptions.pop(ctx.params["SubscriptionArn"], None)
    return {}


def list_subscriptions_by_topic(ctx):
    arn = ctx.params["TopicArn"]
    _topic(ctx, arn)
    items = sorted((s for s in ctx.region.subscriptions.values()
                    if s["TopicArn"] == arn),
                   key=lambda s: s["SubscriptionArn"])
    after = ctx.params.get("NextToken", "")
    rest = [s for s in items if s["SubscriptionArn"] > after]
    chosen = rest[:ctx.world.page_size]
    out = {"Subscriptions": [_shown(s) for s in chosen]}
    if len(rest) > len(chosen):
        out["NextToken"] = chosen[-1]["SubscriptionArn"]
    return out


def get_subscription_attributes(ctx):
    found = _subscription(ctx)
    return {"Attributes": {
        **{k: v for k, v in found.items()
           if k not in ("attributes", "confirmed")},
        "PendingConfirmation": "false", **found["attributes"]}}


def set_subscription_attributes(ctx):
    found = _subscription(ctx)
    name, value = ctx.params["AttributeName"], ctx.params.get(
        "AttributeValue", "")
    if name == "FilterPolicy" and value in ("", "{}"):
        found["attributes"].pop(name, None)
    else:
        found["attributes"][name] = value
    return {}


OPERATIONS = {
    "Publish": publish, "CreateTopic": create_topic,
    "ListTopics": list_topics, "GetTopicAttributes": get_topic_attributes,
    "Subscribe": subscribe, "Unsubscribe": unsubscribe,
    "ListSubscriptionsByTopic": list_subscriptions_by_topic,
    "GetSubscriptionAttributes": get_subscription_attributes,
    "SetSubscriptionAttributes": set_subscription_attributes,
}


def call(ctx):
    return OPERATIONS[ctx.operation](ctx)
