
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * SNS (query protocol, version 2010-03-31).
 */

#include <stdio.h>
#include <string.h>

#include "aws_svc.h"


#define DRSW_SNS_MESSAGE 262144
#define DRSW_SNS_SUBJECT 100


/* {"a": "b"} -> {"a": {"DataType": "String", "StringValue": "b"}} */

static json_t *
drsw_sns_attributes(const json_t *attributes)
{
    json_t     *map, *value;
    const char *key;

    map = json_object();

    json_object_foreach ((json_t *) attributes, key, value) {
        if (!json_is_string(value)
            || json_object_set_new(map, key,
                                   json_pack("{s:s, s:O}", "DataType", "String",
                                             "StringValue", value))
                   != 0)
        {
            json_decref(map);
            return NULL;
        }
    }

    return map;
}


drsw_aws_class_e
drsw_sns_publish(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                 const char *topic_arn, const char *subject,
                 const char *message, const char *structure,
                 const json_t *attributes, char *message_id,
                 size_t message_id_len, drsw_aws_result_t *res)
{
    json_t *input, *id;
    drsw_aws_class_e class;

    if (message_id != NULL && message_id_len > 0) {
        message_id[0] = '\0';
    }

    if (strlen(message) > DRSW_SNS_MESSAGE) {
        return drsw_svc_refuse(res, "Message: at most 262144 bytes");
    }

    if (subject != NULL
        && (strlen(subject) >= DRSW_SNS_SUBJECT
            || strpbrk(subject, "\r\n") != NULL))
    {
        return drsw_svc_refuse(res, "Subject: under 100 characters, no line "
                                    "breaks");
    }

    input = drsw_svc_input("TopicArn", topic_arn, "Subject", subject, "Message",
                           message, "MessageStructure", structure, NULL);

    if (attributes != NULL && input != NULL
        && json_object_set_new(input, "MessageAttributes",
                               drsw_sns_attributes(attributes))
               != 0)
    {
        json_decref(input);
        return drsw_svc_refuse(res, "MessageAttributes: must be texts");
    }

    class =
        drsw_svc_one(aws, ctx, "sns", "Publish", input, "MessageId", &id, res);

    if (class == DRSW_AWS_OK) {
        if (message_id != NULL && json_is_string(id)) {
            (void) snprintf(message_id, message_id_len, "%s",
                            json_string_value(id));
        }

        json_decref(id);
    }

    return class;
}


drsw_aws_class_e
drsw_sns_subscribe(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                   const char *topic_arn, const char *protocol,
                   const char *endpoint, const json_t *attributes, char *arn,
                   size_t arn_len, drsw_aws_result_t *res)
{
    json_t *input, *id;
    drsw_aws_class_e class;

    arn[0] = '\0';
    input = drsw_svc_input("TopicArn", topic_arn, "Protocol", protocol,
                           "Endpoint", endpoint, NULL);

    if (input == NULL
        || json_object_set_new(input, "ReturnSubscriptionArn", json_true()) != 0
        || (attributes != NULL
            && json_object_set(input, "Attributes", (json_t *) attributes)
                   != 0))
    {
        json_decref(input);
        return drsw_svc_refuse(res, "an argument is not UTF-8");
    }

    class = drsw_svc_one(aws, ctx, "sns", "Subscribe", input, "SubscriptionArn",
                         &id, res);

    if (class == DRSW_AWS_OK) {
        if (json_is_string(id)) {
            (void) snprintf(arn, arn_len, "%s", json_string_value(id));
        }

        json_decref(id);
    }

    return class;
}


drsw_aws_class_e
drsw_sns_unsubscribe(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                     const char *arn, drsw_aws_result_t *res)
{
    return drsw_svc_one(aws, ctx, "sns", "Unsubscribe",
                        drsw_svc_input("SubscriptionArn", arn, NULL), NULL,
                        NULL, res);
}


drsw_aws_class_e
drsw_sns_list_subscriptions(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                            const char *topic_arn, json_t **list,
                            drsw_aws_result_t *res)
{
    return drsw_svc_pages(aws, ctx, "sns", "ListSubscriptionsByTopic",
                          drsw_svc_input("TopicArn", topic_arn, NULL), NULL,
                          NULL, NULL, 0, list, res);
}


drsw_aws_class_e
drsw_sns_get_attributes(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                        const char *arn, json_t **attributes,
                        drsw_aws_result_t *res)
{
    return drsw_svc_one(aws, ctx, "sns", "GetSubscriptionAttributes",
                        drsw_svc_input("SubscriptionArn", arn, NULL),
                        "Attributes", attributes, res);
}


drsw_aws_class_e
drsw_sns_set_attribute(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                       const char *arn, const char *name, const char *value,
                       drsw_aws_result_t *res)
{
    return drsw_svc_one(aws, ctx, "sns", "SetSubscriptionAttributes",
                        drsw_svc_input("SubscriptionArn", arn, "AttributeName",
                                       name, "AttributeValue", value, NULL),
                        NULL, NULL, res);
}
