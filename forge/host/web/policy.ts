// The content policy of a page, computed by Atlassian's own package from the page and the manifest.
import { createRequire } from 'node:module';

import { CSPInjectionService, CSPProcessingService } from '@forge/csp';

// A CommonJS package whose types the one above wants.
const cheerio = createRequire(import.meta.url)('cheerio');
const processing = new CSPProcessingService({ info() {} }, cheerio.load);

/** The policy in production, but for where violations are reported. `site` is the origin of the page around the frame. */
export function policyOf(html: string, permissions: Record<string, unknown>, site: string, reports: string): string {
  const details = processing.getCspDetails(html, permissions as Parameters<typeof processing.getCspDetails>[1]);
  const policy = new CSPInjectionService().getInjectableCSP({ existingCSPDetails: details, microsEnv: 'prod', hostname: site });
  return [...policy.filter((directive) => !directive.startsWith('report-')), `report-uri ${reports}`].join('; ');
}
