package io.kubeshark.dissect.dns;

import io.kubeshark.dissect.contract.Conversation;
import io.kubeshark.dissect.contract.Corpus;
import io.kubeshark.dissect.contract.DissectorContract;

class DnsContractTest extends DissectorContract {
  @Override
  protected Corpus corpus() {
    return new DnsCorpus();
  }

  @Override
  protected Conversation steadyState() {
    return DnsCorpus.steady();
  }

  @Override
  protected int allocatedBytesPerEntryMax() {
    return 0;
  }
}
