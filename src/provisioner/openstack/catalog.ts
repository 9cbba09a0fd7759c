/** Where the services of a cloud are: Keystone's catalogue comes with every token. */
import { z } from 'zod';
import type { EndpointInterface } from './cloud-config.ts';

export const catalogShape = z.array(
  z.object({
    type: z.string(),
    endpoints: z.array(
      z.object({ interface: z.string(), region_id: z.string().nullish(), region: z.string().nullish(), url: z.string() }),
    ),
  }),
);

export type Catalog = z.infer<typeof catalogShape>;

/** The services that Alfred asks. */
export type Service = 'compute' | 'image' | 'network';

/** Catalogues name a service without the version of its API or, most do for Nova, with it. */
const VERSIONS: Readonly<Record<Service, { readonly path: string; readonly present: RegExp }>> = {
  compute: { path: '/v2.1', present: /\/v2(\.\d+)?(\/|$)/ },
  image: { path: '/v2', present: /\/v2(\.\d+)?$/ },
  network: { path: '/v2.0', present: /\/v2(\.\d+)?$/ },
};

/** The address of a service with its API's version; throws an error that says what the catalogue has instead. */
export const endpointOf = (
  catalog: Catalog,
  service: Service,
  { region, interface: wanted }: { readonly region: string | null; readonly interface: EndpointInterface },
): string => {
  const all = catalog.filter(({ type }) => type === service).flatMap(({ endpoints }) => endpoints);
  if (all.length === 0) {
    const types = catalog.map(({ type }) => type).toSorted();
    throw new Error(`the cloud has no ${service} service for this project; it has: ${types.join(', ') || 'none'}`);
  }
  const here = all.filter(endpoint => region === null || regionOf(endpoint) === region);
  const regions = [...new Set(all.map(regionOf))].toSorted().join(', ');
  if (here.length === 0)
    throw new Error(`OS_REGION_NAME: there is no ${service} service in region ${region}; it is in: ${regions}`);
  const fitting = here.filter(endpoint => endpoint.interface === wanted);
  const [first, ...others] = fitting;
  if (first === undefined) {
    const interfaces = [...new Set(here.map(endpoint => endpoint.interface))].toSorted().join(', ');
    throw new Error(`OS_INTERFACE: the ${service} service has no ${wanted} address; it has: ${interfaces}`);
  }
  if (others.some(other => regionOf(other) !== regionOf(first))) {
    throw new Error(`OS_REGION_NAME is not set, and the cloud has more than one region: ${regions}`);
  }
  const url = first.url.replace(/\/+$/, '');
  const { path, present } = VERSIONS[service];
  return present.test(new URL(url).pathname) ? url : `${url}${path}`;
};

const regionOf = ({ region_id, region }: Catalog[number]['endpoints'][number]): string => region_id ?? region ?? '';
