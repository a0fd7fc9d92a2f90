//! Lambda functions, their reserved concurrency and their event source mappings.

use std::time::Duration;

use aws_sdk_lambda::types::FunctionResponseType;

use super::seen::{FunctionSeen, MappingSeen, Read};
use super::{Account, not_read, odd};

/// A function's settings, as an IAM action.
const GET_CONFIGURATION: &str = "lambda:GetFunctionConfiguration";
/// How long an invocation may take where nobody said.
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);

impl Account {
    /// `GetFunctionConfiguration`
    ///
    /// # Errors
    /// Where the call was not answered.
    pub async fn function(&self, name: &str) -> Read<FunctionSeen> {
        let call = self.lambda.get_function_configuration().function_name(name);
        let reply = call.send().await.map_err(not_read(GET_CONFIGURATION))?;
        let arn = reply.function_arn.ok_or_else(|| odd(GET_CONFIGURATION, "the reply holds no ARN"))?;
        let environment = reply.environment;
        let error = environment.as_ref().and_then(|environment| environment.error()).map(|error| {
            error.message().or(error.error_code()).unwrap_or("Lambda did not say why").to_owned()
        });
        let variables = environment.and_then(|environment| environment.variables).unwrap_or_default();
        Ok(FunctionSeen {
            arn,
            role: reply.role.unwrap_or_default(),
            timeout: reply
                .timeout
                .and_then(|seconds| u64::try_from(seconds).ok())
                .map_or(DEFAULT_TIMEOUT, Duration::from_secs),
            variables: error.map_or_else(|| Ok(variables.into_iter().collect()), Err),
            dead_letters: reply.dead_letter_config.and_then(|config| config.target_arn),
            log_group: reply.logging_config.and_then(|config| config.log_group),
        })
    }

    /// `GetFunctionConcurrency`: the reserved concurrency; none where it has no share of its own.
    ///
    /// # Errors
    /// Where the call was not answered.
    pub async fn reserved_concurrency(&self, name: &str) -> Read<Option<u64>> {
        let call = self.lambda.get_function_concurrency().function_name(name);
        let reply = call.send().await.map_err(not_read("lambda:GetFunctionConcurrency"))?;
        Ok(reply.reserved_concurrent_executions.and_then(|count| u64::try_from(count).ok()))
    }

    /// `ListEventSourceMappings` of a function.
    ///
    /// # Errors
    /// Where a page was not answered.
    pub async fn mappings(&self, function: &str) -> Read<Vec<MappingSeen>> {
        let call = self.lambda.list_event_source_mappings().function_name(function);
        let mappings: Result<Vec<_>, _> = call.into_paginator().items().send().collect().await;
        let mappings = mappings.map_err(not_read("lambda:ListEventSourceMappings"))?;
        let seen = mappings.into_iter().map(|mapping| MappingSeen {
            reports_failures: mapping
                .function_response_types()
                .contains(&FunctionResponseType::ReportBatchItemFailures),
            id: mapping.uuid.unwrap_or_default(),
            source: mapping.event_source_arn.unwrap_or_default(),
            state: mapping.state.unwrap_or_default(),
        });
        Ok(seen.collect())
    }
}
