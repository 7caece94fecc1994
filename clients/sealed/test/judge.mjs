// Judges SEV-SNP reports that another implementation has judged (argument: a file of cases), and tells where the first check that fails is another.
import { readFileSync } from 'node:fs';
import { verifySnpReport } from '../dist/snp.js';

const cases = JSON.parse(readFileSync(process.argv[2], 'utf8'));

function judged({ report, collateral, policy, now, reportData }) {
  try {
    const found = verifySnpReport(new Uint8Array(Buffer.from(report, 'base64')), collateral, policy, new Date(now));
    return reportData === '' || Buffer.from(found.reportData).toString('base64') === reportData ? '' : 'snp.policy.report-data';
  } catch (e) {
    return /: (snp\.[a-z.-]+): /.exec(e.message)?.[1] ?? e.message;
  }
}

const disagreements = cases.map(each => [each.failed, judged(each)]).filter(([there, here]) => there !== here).map(([there, here]) => `there ${there || 'accepted'}, here ${here || 'accepted'}`);
console.log(JSON.stringify({ judged: cases.length, disagreements: [...new Set(disagreements)] }));
