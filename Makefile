# ecs-steward. `make help` lists what there is; everything it needs beside rustup's toolchain, Python 3.10+
# and make is set up by the targets themselves.

SHELL := /bin/sh
.DEFAULT_GOAL := help

CARGO ?= cargo
# Two jobs link in about 4 GB; set JOBS for more or fewer.
JOBS ?= 2
export CARGO_BUILD_JOBS ?= $(JOBS)

VENV := .venv/bin
LAMBDA := env PATH="$(CURDIR)/$(VENV):$(PATH)" $(VENV)/cargo-lambda lambda
PACKAGES := $(addprefix --package ,$(notdir $(wildcard functions/*)))
FIXTURES := events-fixtures
STOPS := $(FIXTURES)/ecs-task-state-change
ABNORMAL := $(STOPS)/essential-container-exited--service-exit-1.json
QUIET := $(STOPS)/service-scheduler-initiated--scaled-in-exit-143.json
# The function and the event of `make invoke`.
FN ?= task-monitor
EVENT ?= $(ABNORMAL)
FUZZ_SECONDS ?= 600
RUNS ?= 2000
# What `make deploy` deploys and where; PARAMS holds NAME=VALUE words for the template's parameters.
ARCH ?= arm64
STACK ?= ecs-steward
POLICY ?= infra/policy.toml
PARAMS ?=
STACKS := $(VENV)/python tools/deploy/stack.py --stack $(STACK)
# Set it to link with zig though the machine is of the same architecture.
ZIG ?=

.PHONY: help demo test infra e2e templates terraform rules permissions soak lint fmt docs goldens watch invoke fuzz deny size clean package deploy undeploy venv venvs

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  invoke takes FN=$(FN) EVENT=path/to/event.json; fuzz takes FUZZ_SECONDS=$(FUZZ_SECONDS); soak takes RUNS=$(RUNS)"
	@echo "  package, deploy and undeploy take ARCH=$(ARCH) STACK=$(STACK) POLICY=$(POLICY) PARAMS='NAME=VALUE ...' ZIG=1"

demo: venv ## Replay the fixtures, drain a simulated fleet, then invoke the real function in a local Lambda against a local SNS
	$(CARGO) build --workspace --quiet
	target/debug/steward replay --full 3 $(FIXTURES)/
	target/debug/steward simulate
	$(VENV)/python tools/demo/task_monitor_demo.py --event $(ABNORMAL) --quiet-event $(QUIET)

test: venvs ## All tests, and the demo as one of them
	$(CARGO) test --workspace
	$(CARGO) build --workspace --quiet
	$(VENV)/python tools/demo/task_monitor_demo.py --check --event $(ABNORMAL) --quiet-event $(QUIET)
	$(VENV)/python tools/fleet-sim/tests/boto3_client.py
	CARGO="$(CARGO)" $(VENV)/python tools/demo/alert_table_check.py
	$(VENV)/python tools/steward/tests/report_in_browser.py
	PYTHONPATH=tools/demo:tools/e2e $(VENV)/python tools/steward/tests/doctor_in_emulator.py
	@$(MAKE) --no-print-directory infra e2e

infra: templates terraform rules ## Templates, Terraform and rules, without running anything of ours

templates: venvs ## The templates through every linter, and through the checks that no linter has
	.venv/infra/bin/python tools/infra/templates_check.py
	PYTHONPATH=tools/demo $(VENV)/python tools/infra/examples_check.py

terraform: ## The Terraform module against the templates and what is known of its provider
	@tools/demo/venv.sh infra checkov
	.venv/infra/bin/python tools/infra/terraform_check.py

rules: venv ## Every fixture through every event pattern of the template
	PYTHONPATH=tools/demo $(VENV)/python tools/infra/rules_check.py

e2e: venv ## Deploy the template into MiniStack, let the real functions answer a simulated fleet; then their permissions
	@tools/demo/venv.sh sam
	$(CARGO) build --workspace --quiet
	PYTHONPATH=tools/demo:tools/infra $(VENV)/python tools/e2e/loop.py
	@$(MAKE) --no-print-directory permissions

permissions: venv ## The functions' roles against the calls that `make e2e` recorded
	@tools/demo/venv.sh iam
	$(VENV)/python tools/infra/iam_check.py

soak: ## RUNS random fleets and alert paths with everything that goes wrong; SEED=17 repeats a fleet
	RUNS=$(RUNS) $(CARGO) test -p fleet-sim --test properties --test protection_properties
	FAULT_RUNS=$(RUNS) $(CARGO) test -p shared --lib faults

lint: ## Format, clippy with warnings denied, documentation with warnings denied
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) clippy -p shared --no-default-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --document-private-items --quiet

fmt: ## Format the code
	$(CARGO) fmt --all

docs: ## Write the README's generated tables
	$(CARGO) run --quiet -p steward -- docs README.md

goldens: ## Write the golden verdicts anew; read the diff as a change of verdicts
	UPDATE_GOLDENS=1 $(CARGO) test --quiet -p steward --test goldens
	UPDATE_GOLDENS=1 $(CARGO) test --quiet -p shared --test drain_triggers

package: venv ## Build the functions for ARCH, with POLICY beside each, into target/lambda/deploy
	@linker=; if [ -n "$(ZIG)" ] || [ "$$(uname -m | sed s/aarch64/arm64/)" != "$(ARCH)" ]; then \
	  tools/demo/venv.sh zig && linker="--zig .venv/zig/bin/python3"; fi; \
	CARGO="$(CARGO)" $(VENV)/python tools/deploy/package.py --arch $(ARCH) --policy "$(POLICY)" $$linker

deploy: venv ## Build, then create or update the stack STACK from infra/template.yaml; guided the first time
	@tools/demo/venv.sh sam
	@$(STACKS) plan --arch $(ARCH) $(addprefix --param ,$(PARAMS))
	@$(MAKE) --no-print-directory package
	@$(STACKS) deploy --arch $(ARCH) $(addprefix --param ,$(PARAMS))

undeploy: venv ## Delete the stack STACK, after asking; YES=1 does not ask
	@tools/demo/venv.sh sam
	@$(STACKS) delete $(if $(YES),--yes)

watch: venv ## A local Lambda on 127.0.0.1:9000 that rebuilds on changes
	$(LAMBDA) watch --invoke-address 127.0.0.1 --invoke-port 9000

invoke: venv ## Invoke FN with EVENT in the local Lambda that `make watch` runs
	timeout 120 $(LAMBDA) invoke $(FN) --invoke-address 127.0.0.1 --invoke-port 9000 --data-file "$(EVENT)"

fuzz: ## Fuzz intake and judge for FUZZ_SECONDS; installs cargo-fuzz where it is missing
	@$(CARGO) fuzz --version >/dev/null 2>&1 || $(CARGO) install --locked cargo-fuzz
	$(CARGO) run --quiet -p steward -- judge --format json $(FIXTURES) >/dev/null
	mkdir -p fuzz/corpus/intake_and_judge
	find $(FIXTURES) -name '*.json' -exec cp {} fuzz/corpus/intake_and_judge/ \;
	RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run --sanitizer none intake_and_judge -- -max_total_time=$(FUZZ_SECONDS) -max_len=16384 -timeout=10

deny: ## Licences, duplicate versions, sources; installs cargo-deny where it is missing
	@$(CARGO) deny --version >/dev/null 2>&1 || $(CARGO) install --locked cargo-deny
	$(CARGO) deny check bans licenses sources

size: ## Sizes of what `make package` built
	@ls target/lambda/deploy/*.zip >/dev/null 2>&1 || { echo "nothing built yet: run make package" >&2; exit 2; }
	@for zip in target/lambda/deploy/*.zip; do \
	  printf '%s: zip %s bytes, file %s bytes\n' "$$zip" "$$(wc -c < "$$zip")" "$$(wc -c < "$${zip%.zip}/bootstrap")"; done

clean: ## Remove everything that was built
	rm -rf target .venv fuzz/target fuzz/corpus fuzz/artifacts

# Python packages: .venv is small and enough for `make demo`; the nested ones are for tests.
venv:
	@tools/demo/venv.sh

venvs:
	@tools/demo/venv.sh infra sam checkov iam
