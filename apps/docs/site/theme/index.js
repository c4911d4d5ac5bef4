// The theme of the site: VitePress's own, and the place where the page is tried.

import { useData, withBase } from "vitepress";
import DefaultTheme from "vitepress/theme";
import { h, onMounted, ref } from "vue";
import "./style.css";

/** A page of its own, so that nothing of the site's is near to what runs there. */
const TryIt = {
  setup() {
    const { isDark } = useData();
    // Not before it is known what the visitor likes.
    const isMounted = ref(false);
    let code = "";
    onMounted(() => {
      // Code of an example, or of whoever made the address: it goes into the editor (try/main.ts), and nothing else does.
      if (/^#code=[\w-]+$/.test(location.hash)) code = location.hash;
      isMounted.value = true;
    });
    return () =>
      isMounted.value &&
      h("iframe", {
        class: "try-it",
        title: "A task of yours, run in this browser",
        src: withBase(`/try/index.html${isDark.value ? "?dark" : ""}`) + code,
      });
  },
};

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("TryIt", TryIt);
  },
};
