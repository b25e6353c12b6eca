package io.kubeshark.dissect.http;

import io.kubeshark.dissect.contract.Conversation;
import io.kubeshark.dissect.contract.Corpus;
import io.kubeshark.dissect.contract.DissectorContract;

class HttpContractTest extends DissectorContract {
  @Override
  protected Corpus corpus() {
    return new HttpCorpus();
  }

  @Override
  protected Conversation steadyState() {
    return HttpCorpus.keepAlive();
  }

  @Override
  protected int allocatedBytesPerEntryMax() {
    return 0;
  }
}
