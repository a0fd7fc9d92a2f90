//! How a verb reaches AWS: credentials and region of the environment, under the arguments.

use shared::config::variables::{AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, AWS_REGION, AWS_SECRET_ACCESS_KEY};
use shared::config::{AwsAccess, Vars};
use shared::runtime::ProcessVars;

/// The region, as other tools of AWS name it.
const AWS_DEFAULT_REGION: &str = "AWS_DEFAULT_REGION";
/// How the credentials of a profile come into the environment.
const EXPORT: &str = r#"eval "$(aws configure export-credentials --format env)""#;
/// Where else a region may come from.
const NO_REGION: &str = "give --region, or set it or AWS_DEFAULT_REGION";
/// Reads `--region`, `--endpoint-url` and the environment; what is wrong is added to the problems, a line each.
pub fn read(
    region: Option<&str>,
    endpoint_url: Option<&str>,
    problems: &mut Vec<String>,
) -> Option<AwsAccess> {
    if region.is_some_and(|region| region.trim().is_empty()) {
        problems.push("--region is empty".to_owned());
    }
    if let Some(url) = endpoint_url
        && !url.starts_with("http://")
        && !url.starts_with("https://")
    {
        problems.push(format!("--endpoint-url: `{url}` is not an http or https URL"));
        return None;
    }
    let environment = Environment { region, endpoint_url, vars: &ProcessVars };
    let access = AwsAccess::from_vars(&environment);
    access.map_err(|errors| problems.extend(problems_of(errors))).ok()
}

/// The environment under the arguments.
struct Environment<'a, V> {
    /// `--region`
    region: Option<&'a str>,
    /// `--endpoint-url`
    endpoint_url: Option<&'a str>,
    /// The process's.
    vars: &'a V,
}

impl<V: Vars> Vars for Environment<'_, V> {
    fn get(&self, name: &str) -> Option<String> {
        let is_set = |value: &String| !value.trim().is_empty();
        match name {
            AWS_REGION => self
                .region
                .map(str::to_owned)
                .or_else(|| self.vars.get(AWS_REGION).filter(is_set))
                .or_else(|| self.vars.get(AWS_DEFAULT_REGION)),
            name if name.starts_with(AWS_ENDPOINT_URL) => {
                self.endpoint_url.map(str::to_owned).or_else(|| self.vars.get(name))
            }
            name => self.vars.get(name),
        }
    }
}

/// What is wrong with credentials, region and the rest of the environment, and how to get what is missing: a
/// line for each.
fn problems_of(errors: Vec<String>) -> Vec<String> {
    let is_of = |error: &String, names: &[&str]| names.iter().any(|name| error.starts_with(name));
    let keys = [AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY];
    let (of_keys, others): (Vec<_>, Vec<_>) = errors.into_iter().partition(|error| is_of(error, &keys));
    let mut problems = Vec::new();
    for error in others {
        let is_region = is_of(&error, &[AWS_REGION]);
        problems.push(if is_region { format!("{error}: {NO_REGION}") } else { error });
    }
    if !of_keys.is_empty() {
        problems.push(format!("{}: no credentials; get them with {EXPORT}", of_keys.join(", ")));
    }
    problems
}
