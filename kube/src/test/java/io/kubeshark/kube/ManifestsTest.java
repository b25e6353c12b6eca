package io.kubeshark.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ManifestsTest {
  private static String yaml(String json) {
    return Manifests.yaml(KubeApi.JSON.readTree(json.replace('\'', '"')));
  }

  @Test
  void machinesNotesAreLeftOut() {
    assertThat(yaml("{'kind':'Pod','metadata':{'name':'x','managedFields':[{'a':1}],"
        + "'annotations':{'kubectl.kubernetes.io/last-applied-configuration':'{}'}},"
        + "'spec':{'port':80,'text':'80','flag':'true'}}")).isEqualTo("""
        kind: Pod
        metadata:
          name: x
        spec:
          port: 80
          text: "80"
          flag: "true"
        """);
  }

  @Test
  void valuesThatAreSecretsAreNotShown() {
    String yaml = yaml("{'metadata':{'annotations':{'vault/token':'s3cret-1','note':'see postgres://u:s3cret-2@db/x'}},"
        + "'spec':{'initContainers':[{'env':[{'name':'API_KEY','value':'s3cret-3'}]}],"
        + "'containers':[{'env':[{'name':'PGPASSWORD','value':'s3cret-4'},{'name':'URL','value':'amqp://u:s3cret-5@mq:5672'},{'name':'PLAIN',"
        + "'value':'shown-1'},"
        + "{'name':'REF','valueFrom':{'secretKeyRef':{'name':'shown-2','key':'k'}}},{'name':'OPTS','value':'-Duser=shown-3 -Ddb.password=s3cret-6'},"
        + "{'name':'HEADER','value':'Authorization: Bearer s3cret-7'}],"
        + "'command':['run','--token','s3cret-8','--port','shown-4'],'args':['--db-password=s3cret-9','-secret','s3cret-10'],"
        + "'livenessProbe':{'exec':{'command':['redis-cli','--pass','s3cret-11']},'httpGet':{'httpHeaders':[{'name':'X-Auth',"
        + "'value':'s3cret-12'}]}}}]}}");
    assertThat(yaml).doesNotContain("s3cret").contains("shown-1", "shown-2", "shown-3", "shown-4", Manifests.HIDDEN);
  }

  @Test
  void onlyPodsAndServicesAreFetchedAndNamesStayInTheirPlace() {
    assertThatIllegalArgumentException().isThrownBy(() -> Manifests.fetch(null, "secrets", "a", "b")).withMessageContaining("secrets");
    assertThatIllegalArgumentException().isThrownBy(() -> Manifests.fetch(null, "pods", "..", "b")).withMessageContaining("..");
  }
}
