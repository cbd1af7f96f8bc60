import { DescribeParametersCommand, GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { access, startAws } from './aws-server.mjs';

export const title = 'AWS Parameter Store';
export const together = 10;
export const page = 50;

export async function start({ faults, values, load }) {
  const { awsParameterStore } = await load('sources/aws/index.js');
  const parameterOf = (Name) => ({
    Name,
    Value: values.get(Name),
    Type: 'SecureString',
    Version: values.get(Name).length,
  });
  const namesOf = ({ Names, Name }) => Names ?? (Name ? [Name] : []);
  const answerTo = (operation, { Names, Name, NextToken: token = 0, ParameterFilters: filters = [], Value }) => {
    if (operation === 'GetParameters') {
      const [there, gone] = [true, false].map((is) => Names.filter((name) => values.has(name) === is));
      return { Parameters: there.map(parameterOf), InvalidParameters: gone };
    }
    if (operation === 'PutParameter') {
      values.set(Name, Value);
      return { Version: 2 };
    }
    if (operation === 'GetParametersByPath') return { Parameters: [] };
    const wanted = filters.find(({ Key, Option }) => Key === 'Name' && Option === 'Equals')?.Values;
    const names = wanted ? wanted.filter((name) => values.has(name)) : [...values.keys()];
    const from = Number(token);
    const NextToken = from + page < names.length ? String(from + page) : undefined;
    return { Parameters: names.slice(from, from + page).map((Name) => ({ Name, Type: 'SecureString' })), NextToken };
  }; // prettier-ignore
  const server = await startAws(faults, namesOf, answerTo);
  const sdk = new SSMClient({ ...access, endpoint: server.endpoint });
  return {
    source: (options = {}) => awsParameterStore({ ...access, endpoint: server.endpoint, ...options }),
    async listByHand() {
      let NextToken;
      do ({ NextToken } = await sdk.send(new DescribeParametersCommand({ MaxResults: 50, NextToken })));
      while (NextToken);
    },
    /** The SDK alone, one request after another. */
    async readByHand(names) {
      for (let from = 0; from < names.length; from += together)
        await sdk.send(new GetParametersCommand({ Names: names.slice(from, from + together) }));
    },
    stop() {
      sdk.destroy();
      server.stop();
    },
  };
}
