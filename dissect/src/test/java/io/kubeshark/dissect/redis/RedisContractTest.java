package io.kubeshark.dissect.redis;

import io.kubeshark.dissect.contract.Conversation;
import io.kubeshark.dissect.contract.Corpus;
import io.kubeshark.dissect.contract.DissectorContract;

class RedisContractTest extends DissectorContract {
  @Override
  protected Corpus corpus() {
    return new RedisCorpus();
  }

  @Override
  protected Conversation steadyState() {
    return RedisCorpus.steady();
  }

  @Override
  protected int allocatedBytesPerEntryMax() {
    return 0;
  }
}
