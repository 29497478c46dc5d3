// Two judges that are Node modules, over what stdin says as JSON; prints what they find as JSON.
import { readFileSync } from "node:fs";
import { caniemail } from "caniemail";
import { CspEvaluator } from "csp_evaluator/dist/evaluator.js";
import { CspParser } from "csp_evaluator/dist/parser.js";

const { policies, mails, clients } = JSON.parse(readFileSync(0, "utf-8"));

const judged = (policy) =>
  new CspEvaluator(new CspParser(policy).csp)
    .evaluate()
    .map(({ severity, directive, description }) => ({ severity, directive, description }));

const unsupported = (html) => {
  const { issues } = caniemail({ clients, html });
  return [...issues.errors].flatMap(([client, found]) => found.map(({ title }) => ({ client, title })));
};

console.log(JSON.stringify({ policies: policies.map(judged), mails: mails.map(unsupported) }));
