"""A CloudFormation template read and resolved here, without any service.

MiniStack lets a reference to nothing pass in silence; this ends with its name. Only what the templates of
infra/ use is known, and everything else is an error rather than a guess.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ACCOUNT = "111122223333"
REGION = "eu-west-1"
STACK = "ecs-steward"
# ARNs by type: what stands behind arn:aws:, with the physical name. SAM's names beside CloudFormation's.
ARNS = {
    "AWS::CloudWatch::Alarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::Events::EventBus": "events:{region}:{account}:event-bus/{name}",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::KMS::Key": "kms:{region}:{account}:key/{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Serverless::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::SNS::Topic": "sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
}
# Attributes that are an ARN, by type where it is not `Arn`.
ARN_ATTRIBUTES = {"AWS::SNS::Topic": "TopicArn"}
# Properties that name the resource itself; one without is called by its logical id here.
NAMES = ("AlarmName", "FunctionName", "LifecycleHookName", "LogGroupName", "QueueName", "RoleName", "TableName", "TopicName")
NO_VALUE = object()


class TemplateError(Exception):
    """The template cannot be read or resolved, in one line."""


@dataclass
class Call:
    """An intrinsic function and its argument, as the tags of YAML and the keys of JSON give it."""

    name: str
    argument: Any


class Loader(yaml.SafeLoader):
    """YAML with the tags of CloudFormation."""


def _tag(loader: Loader, suffix: str, node: yaml.Node) -> Call:
    """Read a tag such as !Sub."""
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return Call(suffix, value)


Loader.add_multi_constructor("!", _tag)
# A policy's Version is 2012-10-17, and a word such as `on` is no boolean in CloudFormation's YAML 1.1 either.
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass
class Stack:
    """A template with values for its parameters, under the name of a stack."""

    template: dict[str, Any]
    parameters: dict[str, Any] = field(default_factory=dict)
    stack: str = STACK
    region: str = REGION
    account: str = ACCOUNT

    @classmethod
    def read(cls, path: Path, parameters: dict[str, Any] | None = None, stack: str = STACK,
             region: str = REGION) -> "Stack":
        """Read a template, and take the defaults of the parameters that are not given."""
        try:
            template = yaml.load(path.read_text(encoding="utf-8"), Loader)
        except (OSError, yaml.YAMLError) as error:
            raise TemplateError(f"{path.name}: {error}") from error
        given = dict(parameters or {})
        declared = template.get("Parameters", {})
        if unknown := sorted(set(given) - set(declared)):
            raise TemplateError(f"{path.name} has no parameter {', '.join(unknown)}")
        for name, parameter in declared.items():
            value = given.get(name, parameter.get("Default"))
            if value is None:
                raise TemplateError(f"{path.name}: parameter {name} has no default and was not given")
            if parameter["Type"].startswith(("CommaDelimitedList", "List<")) and isinstance(value, str):
                value = [part.strip() for part in value.split(",")] if value else [""]
            given[name] = value if isinstance(value, list) else str(value)
        return cls(template, given, stack, region)

    def resources(self, *kinds: str) -> dict[str, dict[str, Any]]:
        """The resources of these types whose condition holds: logical id -> what stands there."""
        found = {}
        for name, resource in self.template["Resources"].items():
            if resource["Type"] in kinds and self._holds(resource.get("Condition")):
                found[name] = resource
        return found

    def properties(self, name: str) -> dict[str, Any]:
        """The properties of a resource, resolved."""
        return self.resolve(self.template["Resources"][name].get("Properties", {}))

    def name(self, logical: str) -> str:
        """The physical name of a resource: the one its properties give it, else its logical id."""
        resource = self.template["Resources"][logical]
        properties = resource.get("Properties", {})
        own = (*NAMES, "Name") if resource["Type"] in ("AWS::Events::Rule", "AWS::Events::EventBus") else NAMES
        given = next((properties[key] for key in own if key in properties), logical)
        return str(self.resolve(given))

    def pseudo(self) -> dict[str, str]:
        """The pseudo parameters."""
        return {
            "AWS::AccountId": self.account,
            "AWS::Partition": "aws",
            "AWS::Region": self.region,
            "AWS::StackId": f"arn:aws:cloudformation:{self.region}:{self.account}:stack/{self.stack}/1",
            "AWS::StackName": self.stack,
            "AWS::URLSuffix": "amazonaws.com",
        }

    def arn(self, logical: str) -> str:
        """The ARN of a resource."""
        kind = self.template["Resources"][logical]["Type"]
        if kind not in ARNS:
            raise TemplateError(f"{logical}: no ARN is known of a {kind}")
        return "arn:aws:" + ARNS[kind].format(region=self.region, account=self.account, name=self.name(logical))

    def resolve(self, value: Any) -> Any:
        """The value with every intrinsic function in it replaced by its result."""
        if isinstance(value, Call):
            return self._call(value.name, value.argument)
        if isinstance(value, list):
            resolved = [self.resolve(element) for element in value]
            return [element for element in resolved if element is not NO_VALUE]
        if isinstance(value, dict):
            if len(value) == 1:
                (key, argument), = value.items()
                if key in ("Ref", "Condition") and isinstance(argument, str):
                    return self._call(key, argument)
                if isinstance(key, str) and key.startswith("Fn::"):
                    return self._call(key[4:], argument)
            resolved_items = {key: self.resolve(element) for key, element in value.items()}
            return {key: element for key, element in resolved_items.items() if element is not NO_VALUE}
        return value

    def _call(self, name: str, argument: Any) -> Any:
        """The result of one intrinsic function."""
        if name == "If":
            condition, then, otherwise = argument
            return self.resolve(then if self._holds(condition) else otherwise)
        if name == "Ref":
            return self._ref(argument)
        if name == "GetAtt":
            parts = argument.split(".", 1) if isinstance(argument, str) else argument
            return self._get_att(*parts)
        if name == "Sub":
            return self._sub(argument)
        if name == "Condition":
            return self._holds(argument)
        values = self.resolve(argument)
        if name == "Join":
            return values[0].join(values[1])
        if name == "Split":
            return values[1].split(values[0])
        if name == "Select":
            return values[1][int(values[0])]
        if name == "Equals":
            return values[0] == values[1]
        if name == "Not":
            return not values[0]
        if name == "And":
            return all(values)
        if name == "Or":
            return any(values)
        if name == "FindInMap":
            return self.resolve(self.template["Mappings"][values[0]][values[1]][values[2]])
        raise TemplateError(f"intrinsic function {name} is not known")

    def _ref(self, name: str) -> Any:
        """What a Ref is: a parameter's value, or the name of a resource."""
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in (pseudo := self.pseudo()):
            return pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        resource = self.template["Resources"].get(name)
        if resource is None:
            raise TemplateError(f"Ref to {name}, which does not exist")
        if not self._holds(resource.get("Condition")):
            raise TemplateError(f"Ref to {name}, which is not created with these parameters")
        kind = resource["Type"]
        if kind == "AWS::SNS::Topic":
            return self.arn(name)
        if kind == "AWS::SQS::Queue":
            return f"https://sqs.{self.region}.amazonaws.com/{self.account}/{self.name(name)}"
        return self.name(name)

    def _get_att(self, name: str, attribute: str) -> str:
        """An attribute of a resource: its ARN or its name."""
        resource = self.template["Resources"].get(name)
        if resource is None:
            raise TemplateError(f"GetAtt of {name}, which does not exist")
        if not self._holds(resource.get("Condition")):
            raise TemplateError(f"GetAtt of {name}, which is not created with these parameters")
        if attribute == ARN_ATTRIBUTES.get(resource["Type"], "Arn"):
            return self.arn(name)
        if attribute in ("QueueName", "TopicName", "Name"):
            return self.name(name)
        raise TemplateError(f"GetAtt of {name}.{attribute} is not known")

    def _sub(self, argument: Any) -> str:
        """A text with ${…} replaced."""
        text, own = argument if isinstance(argument, list) else (argument, {})

        def value(found: re.Match[str]) -> str:
            word = found.group(1)
            if word.startswith("!"):
                return "${" + word[1:] + "}"
            if word in own:
                return str(self.resolve(own[word]))
            if "." in word:
                return self._get_att(*word.split(".", 1))
            resolved = self._ref(word)
            if not isinstance(resolved, str):
                raise TemplateError(f"Sub of {word}, which is no text")
            return resolved

        return re.sub(r"\$\{([^}]+)\}", value, text)

    def _holds(self, condition: Any) -> bool:
        """Whether a condition holds; none always does."""
        if condition is None:
            return True
        if not isinstance(condition, str):
            return bool(self.resolve(condition))
        if condition not in self.template.get("Conditions", {}):
            raise TemplateError(f"condition {condition} does not exist")
        return bool(self.resolve(self.template["Conditions"][condition]))
