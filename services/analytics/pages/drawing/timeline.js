// The slider of time: a native range in days, a play button that walks by months, and marks for what matters.
const DAY = 86400000;
const PACE = 700;

export default {
  template: `
    <div class="timeline">
      <button type="button" class="play" :aria-label="playing ? words.pause : words.play" @click="toggle">
        <svg viewBox="0 0 16 16" aria-hidden="true"><path :d="playing ? 'M3 2h3v12H3zM10 2h3v12h-3z' : 'M3 1.5v13l11-6.5z'"/></svg>
      </button>
      <div class="rail">
        <div class="marks">
          <span v-for="mark in marks" class="mark" :class="mark.side" :style="{ left: mark.left }">{{ mark.words }}</span>
        </div>
        <input type="range" min="0" :max="days" step="1" v-model.number="value" :aria-label="words.label"
               :aria-valuetext="said" :style="{ '--at': at }" @input="moved" />
        <div class="ticks" aria-hidden="true">
          <span v-for="tick in ticks" :class="tick.side" :style="{ left: tick.left }">{{ tick.words }}</span>
        </div>
      </div>
      <output class="moment-shown" :class="{ past: value < days }">{{ said }}</output>
    </div>`,
  props: { first: String, last: String, milestones: Array, words: Object },
  data() {
    return { value: this.length(), playing: false };
  },
  computed: {
    days() {
      return this.length();
    },
    at() {
      return `${(100 * this.value) / Math.max(1, this.days)}%`;
    },
    said() {
      return this.value >= this.days ? this.words.now : this.date(this.value);
    },
    marks() {
      const edge = innerWidth < 768 ? 0.5 : 0.05; // there they have half of the width, and more lines
      return this.milestones.map(({ at, words }) =>
        this.placed((Date.parse(at) - Date.parse(this.first)) / DAY, words, edge),
      );
    },
    ticks() {
      const count = Math.min(innerWidth < 768 ? 3 : 5, Math.max(2, Math.floor(this.days / 30)));
      return Array.from({ length: count }, (_, index) => {
        const day = Math.round((index * this.days) / (count - 1));
        return this.placed(day, this.date(day).slice(0, 7));
      });
    },
  },
  watch: {
    days(now, before) {
      if (this.value === before) this.value = now;
    },
  },
  unmounted() {
    clearInterval(this.timer);
    clearTimeout(this.soon);
  },
  methods: {
    length() {
      return Math.max(1, Math.round((Date.parse(this.last) - Date.parse(this.first)) / DAY));
    },
    date(day) {
      return new Date(Date.parse(this.first) + day * DAY).toISOString().slice(0, 10);
    },
    placed(day, words, edge = 0.05) {
      const share = day / Math.max(1, this.days);
      return { words, left: `${100 * share}%`, side: share < edge ? "start" : share > 1 - edge ? "end" : "middle" };
    },
    moved() {
      this.stop();
      clearTimeout(this.soon);
      this.soon = setTimeout(this.tell, 120);
    },
    tell() {
      this.$emit("at", this.value >= this.days ? null : this.date(this.value));
    },
    toggle() {
      if (this.playing) return this.stop();
      if (this.value >= this.days) this.value = 0;
      this.playing = true;
      this.tell();
      this.timer = setInterval(() => {
        this.value = Math.min(this.days, this.value + Math.max(1, Math.round(this.days / 30)));
        this.tell();
        if (this.value >= this.days) this.stop();
      }, PACE);
    },
    stop() {
      this.playing = false;
      clearInterval(this.timer);
    },
  },
};
