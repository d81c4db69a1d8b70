/** Where AWS Regions are; pure. */

export const CONTINENTS = ['northamerica', 'southamerica', 'europe', 'middleeast', 'africa', 'asia', 'gov', 'other'] as const;
export type Continent = (typeof CONTINENTS)[number];

const AREAS: Readonly<Record<string, Continent>> = {
  us: 'northamerica', ca: 'northamerica', mx: 'northamerica', sa: 'southamerica', eu: 'europe', me: 'middleeast', il: 'middleeast', af: 'africa', ap: 'asia', cn: 'asia',
};

export function continentOf(region: string): Continent {
  const [area = '', second = ''] = region.split('-');
  return second === 'gov' ? 'gov' : (AREAS[area] ?? 'other');
}
