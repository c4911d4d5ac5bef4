// The theme of the site: VitePress's own, and the place where the page is tried.

import { useData, withBase } from "vitepress";
import DefaultTheme from "vitepress/theme";
import { h, onMounted, ref, watch } from "vue";
import "./style.css";

/** A page of its own, so that nothing of the site's is near to what runs there. */
const TryIt = {
  setup() {
    const { isDark } = useData();
    const frame = ref(null);
    // Not before it is known what the visitor likes; and never another one, which would load the frame anew and lose what was typed.
    const address = ref("");
    onMounted(() => {
      // Code of an example, or of whoever made the address: it goes into the editor (try/main.ts), and nothing else does.
      const code = /^#code=[\w-]+$/.test(location.hash) ? location.hash : "";
      address.value = withBase(`/try/index.html${isDark.value ? "?dark" : ""}`) + code;
    });
    watch(isDark, (dark) => frame.value?.contentWindow.postMessage({ dark }, location.origin));
    return () =>
      address.value !== "" &&
      h("iframe", {
        class: "try-it",
        ref: frame,
        title: "A task of yours, run in this browser",
        src: address.value,
      });
  },
};

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("TryIt", TryIt);
  },
};
